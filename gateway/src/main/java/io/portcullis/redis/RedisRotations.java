package io.portcullis.redis;

import io.portcullis.redis.Replicas.Known;
import io.portcullis.session.Rotation;
import java.util.Locale;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Rotations in Redis: one script, and a second time where only another replica can say whether the client that it exchanged
 * the token for has its answer.
 */
final class RedisRotations {
    private static final Script ROTATE = Script.load(ReturnType.MULTI, "sessions", "make_room", "rotate_session");

    private final StoreScripts scripts;
    private final RedisKeys keys;
    private final Replicas replicas;

    RedisRotations(StoreScripts scripts, RedisKeys keys, Replicas replicas) {
        this.scripts = scripts;
        this.keys = keys;
        this.replicas = replicas;
    }

    /** The answer of {@code rotate_session.lua}; errors with {@link UndecidedException} where that replica does not say. */
    Mono<ScriptAnswer> rotate(Rotation rotation) {
        return Mono.deferContextual(call -> {
            String givenUp = scripts.givenUp(call);
            return rotate(rotation, givenUp, "", "")
                    .flatMap(answer -> isUnheard(answer) ? again(rotation, givenUp, answer) : Mono.just(answer));
        });
    }

    private Mono<ScriptAnswer> again(Rotation rotation, String givenUp, ScriptAnswer unheard) {
        Known known = replicas.about(unheard.text(2), unheard.number(3));
        return known == Known.UNSETTLED
                ? Mono.error(new UndecidedException())
                : rotate(rotation, givenUp, unheard.text(1), known.name().toLowerCase(Locale.ROOT))
                        // another replica handed it out in between
                        .flatMap(
                                answer -> isUnheard(answer) ? Mono.error(new UndecidedException()) : Mono.just(answer));
    }

    private Mono<ScriptAnswer> rotate(Rotation rotation, String givenUp, String asked, String known) {
        return scripts.runInTime(
                ROTATE,
                keys.sessions(rotation.session().subjectHash()),
                ScriptArguments.of(rotation, replicas.inRedis(rotation.attempt()), givenUp, asked, known));
    }

    private static boolean isUnheard(ScriptAnswer answer) {
        return answer.word().equals("unheard");
    }
}
