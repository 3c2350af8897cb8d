package io.portcullis.redis;

import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AdoptionClaim.Adopted;
import io.portcullis.session.AdoptionClaim.Busy;
import io.portcullis.session.AdoptionClaim.Claimed;
import io.portcullis.session.AttemptId;
import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * The refresh tokens that the backends are asked about, part of {@link RedisSessionStore}:
 *
 * <pre>
 * &lt;prefix&gt;{&lt;token hash&gt;}:adoption   hash, the adoption of one token
 *     v         format of the record: 1
 *     by        who asks, or asked
 *     sealed    what the backends' answer came to, readable with the token only (absent while they are asked)
 *   expires with the lease of who asks; once there is an answer, a minute after the token
 * </pre>
 */
final class RedisAdoptions {
    private static final Script CLAIM = Script.load(ReturnType.MULTI, "claim_adoption");
    private static final Script COMPLETE = Script.load(ReturnType.VALUE, "complete_adoption");
    private static final Script GIVE_BACK = Script.load(ReturnType.VALUE, "give_back_adoption");

    private final ScriptRunner scripts;
    private final RedisKeys keys;

    RedisAdoptions(ScriptRunner scripts, RedisKeys keys) {
        this.scripts = scripts;
        this.keys = keys;
    }

    Mono<AdoptionClaim> claim(TokenHash token, AttemptId claimant, Duration lease) {
        return run(CLAIM, token, claimant.value(), Long.toString(lease.toMillis()))
                .map(answer -> claim((List<?>) answer));
    }

    Mono<Boolean> complete(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return run(COMPLETE, token, claimant.value(), sealed, Long.toString(until.toEpochMilli()))
                .map("completed"::equals);
    }

    Mono<Boolean> giveBack(TokenHash token, AttemptId claimant) {
        return run(GIVE_BACK, token, claimant.value()).map("given back"::equals);
    }

    private Mono<Object> run(Script script, TokenHash token, String... arguments) {
        return scripts.run(script, List.of(keys.adoption(token)), List.of(arguments))
                .onErrorMap(DataAccessException.class, ScriptFailures::forTheStore);
    }

    private static AdoptionClaim claim(List<?> answer) {
        String word = (String) answer.get(0);
        return switch (word) {
            case "claimed" -> new Claimed();
            case "busy" -> new Busy();
            case "adopted" -> new Adopted((String) answer.get(1));
            default -> throw new IllegalStateException("claim_adoption.lua answered '" + word + "'");
        };
    }
}
