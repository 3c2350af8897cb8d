package io.portcullis.redis;

import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.Opening;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RecordAnswers;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationRules;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionRecord;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import reactor.core.publisher.Mono;

/**
 * The store that one would write without a script: HGET the record, decide by the rules, HSET it. Right as long as nobody
 * else does anything, which is what the tests of races must notice.
 */
final class NaiveSessionStore implements SessionStore {
    private static final String RECORD = "record";
    private static final Duration KEPT = Duration.ofHours(25);

    /** What to answer and what to keep. */
    private record Step<T>(T answer, @Nullable SessionRecord next) {}

    private final ReactiveStringRedisTemplate redis;

    NaiveSessionStore(ReactiveStringRedisTemplate redis) {
        this.redis = redis;
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        return getThenSet(opening.session(), found -> {
            SessionRecord known = found.orElseGet(() -> SessionRecord.opened(opening, now()));
            Instant openedAt = known.end().minus(opening.policy().absoluteLifetime());
            return new Step<>(RecordAnswers.firstToken(known, openedAt, opening.policy()), known);
        });
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        return getThenSet(rotation.session(), found -> {
            RotationRules.Decision decision = RotationRules.decide(found.orElse(null), rotation, now());
            return new Step<>(decision.outcome(), decision.next());
        });
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return getThenSet(session, found -> {
            boolean noted = RecordAnswers.isNewest(found.orElse(null), generation, attempt);
            return new Step<>(noted, noted ? found.get().markedUndelivered() : found.orElse(null));
        });
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return getThenSet(session, found -> {
            Revocation revocation = RecordAnswers.revocationOf(found.orElse(null), reason, attempt);
            boolean revokes = revocation == Revocation.REVOKED;
            return new Step<>(revocation, revokes ? found.get().revoked(reason, attempt) : found.orElse(null));
        });
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return Mono.error(new UnsupportedOperationException("no part of the race"));
    }

    private <T> Mono<T> getThenSet(SessionRef session, Function<Optional<SessionRecord>, Step<T>> decide) {
        String key = RedisClients.KEY_PREFIX + "naive:" + session.id();
        return redis.<String, String>opsForHash()
                .get(key, RECORD)
                .map(NaiveSessionStore::decoded)
                .map(Optional::of)
                .defaultIfEmpty(Optional.empty())
                .flatMap(found -> {
                    Step<T> step = decide.apply(found);
                    SessionRecord next = step.next();
                    if (next == null || found.isPresent() && next.equals(found.get())) {
                        return Mono.just(step.answer());
                    }
                    return redis.opsForHash()
                            .put(key, RECORD, encoded(next))
                            .then(redis.expireAt(key, Instant.now().plus(KEPT)))
                            .thenReturn(step.answer());
                });
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String encoded(SessionRecord r) {
        return String.join(
                ",",
                r.realm(),
                r.subject().value(),
                Long.toString(r.generation()),
                r.rotatedAt().toString(),
                r.rotatedBy() == null ? "" : r.rotatedBy().value(),
                r.end().toString(),
                Boolean.toString(r.undelivered()),
                r.keepUntil() == null ? "" : r.keepUntil().toString(),
                r.revoked() == null ? "" : r.revoked().name());
    }

    private static SessionRecord decoded(String value) {
        String[] part = value.split(",", -1);
        return new SessionRecord(
                part[0],
                new SubjectHash(part[1]),
                Long.parseLong(part[2]),
                Instant.parse(part[3]),
                part[4].isEmpty() ? null : new AttemptId(part[4]),
                Instant.parse(part[5]),
                Boolean.parseBoolean(part[6]),
                part[7].isEmpty() ? null : Instant.parse(part[7]),
                part[8].isEmpty() ? null : RevocationReason.valueOf(part[8]));
    }
}
