package io.portcullis.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.SessionId;
import io.portcullis.token.RefreshToken;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Attempts that the store did not answer, or not before their client was gone: it may carry them out all the same. When
 * the client comes back with the same token it continues its old attempt, and is not taken for somebody who uses the token a
 * second time. Bounded in number and in time; the eldest are forgotten first.
 */
final class AbandonedAttempts {
    private static final int ATTEMPTS_MAX = 10_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final Cache<Presented, Abandoned> attempts = Caffeine.newBuilder()
            .maximumSize(ATTEMPTS_MAX)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();

    private record Presented(SessionId session, long generation) {
        static Presented of(RefreshToken token) {
            return new Presented(token.session().id(), token.generation());
        }
    }

    /** An attempt whose client has not had its answer. */
    static final class Abandoned {
        private final AttemptId attempt;
        private final AtomicBoolean continued = new AtomicBoolean();

        private Abandoned(AttemptId attempt) {
            this.attempt = attempt;
        }

        /** Whether its client has come back, and gets the answer in its new request. */
        boolean isContinued() {
            return continued.get();
        }
    }

    /** The attempt that the token's client abandoned, else a new one. */
    AttemptId continueOrBegin(RefreshToken token) {
        Abandoned abandoned = attempts.getIfPresent(Presented.of(token));
        if (abandoned == null) {
            return AttemptId.random();
        }
        abandoned.continued.set(true);
        return abandoned.attempt;
    }

    Abandoned abandon(RefreshToken token, AttemptId attempt) {
        Abandoned abandoned = new Abandoned(attempt);
        attempts.put(Presented.of(token), abandoned);
        return abandoned;
    }

    void answered(RefreshToken token) {
        attempts.invalidate(Presented.of(token));
    }
}
