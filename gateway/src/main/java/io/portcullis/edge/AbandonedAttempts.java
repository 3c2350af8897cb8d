package io.portcullis.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.SessionId;
import io.portcullis.token.RefreshToken;
import java.time.Duration;

/**
 * Attempts that the store did not answer, or not before their client was gone: it may carry them out all the same. When
 * the client comes back with the same token it continues its old attempt, and is not taken for somebody who uses the token a
 * second time. Bounded in
 * number and in time; the eldest are forgotten first.
 */
final class AbandonedAttempts {
    private static final int ATTEMPTS_MAX = 10_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final Cache<Presented, AttemptId> attempts = Caffeine.newBuilder()
            .maximumSize(ATTEMPTS_MAX)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();

    private record Presented(SessionId session, long generation) {
        static Presented of(RefreshToken token) {
            return new Presented(token.session().id(), token.generation());
        }
    }

    /** The attempt that the token's client abandoned, else a new one. */
    AttemptId continueOrBegin(RefreshToken token) {
        AttemptId abandoned = attempts.getIfPresent(Presented.of(token));
        return abandoned == null ? AttemptId.random() : abandoned;
    }

    void abandon(RefreshToken token, AttemptId attempt) {
        attempts.put(Presented.of(token), attempt);
    }

    void answered(RefreshToken token) {
        attempts.invalidate(Presented.of(token));
    }
}
