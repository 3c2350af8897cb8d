package io.portcullis.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.Waiting;
import io.portcullis.token.BackendToken;
import io.portcullis.token.RefreshToken;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Attempts that the store did not answer, or not before their client was gone: it may carry them out all the same. When
 * the client comes back with the same token it continues its old attempt, and is not taken for somebody who uses the token a
 * second time. Bounded in number and in time.
 */
final class AbandonedAttempts {
    private static final int ATTEMPTS_MAX = 10_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final Cache<Presented, Abandoned> attempts = Caffeine.newBuilder()
            .maximumSize(ATTEMPTS_MAX)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();

    /**
     * A token that was presented.
     *
     * @param name of its session; of a backend's token whose session is not known yet, its hash
     */
    record Presented(String name, long generation) {
        static Presented of(RefreshToken token) {
            return new Presented(token.session().id().value(), token.generation());
        }

        static Presented of(BackendToken token) {
            return new Presented(token.hash().value(), 0);
        }
    }

    /** An attempt of a request, and what its other requests have to do with this one. */
    record Begun(AttemptId attempt, Waiting waiting) {}

    /** An attempt whose client has not had its answer. */
    static final class Abandoned {
        private final Begun begun;
        private final AtomicBoolean continued = new AtomicBoolean();

        private Abandoned(Begun begun) {
            this.begun = begun;
        }

        /** Whether its client has come back, and gets the answer in its new request. */
        boolean isContinued() {
            return continued.get();
        }
    }

    /** The attempt that the token's client abandoned, else a new one. */
    Begun continueOrBegin(Presented presented) {
        Abandoned abandoned = attempts.getIfPresent(presented);
        if (abandoned == null) {
            return new Begun(AttemptId.random(), new Waiting());
        }
        abandoned.continued.set(true);
        return new Begun(abandoned.begun.attempt(), abandoned.begun.waiting().again());
    }

    /** Its client went without the answer; nothing is remembered where it has come back and had it. */
    Abandoned abandon(Presented presented, Begun begun) {
        Abandoned known = attempts.getIfPresent(presented);
        if (known != null && known.begun.attempt().equals(begun.attempt())) {
            known.continued.set(false);
            return known;
        }
        Abandoned abandoned = new Abandoned(begun);
        if (begun.waiting().isAnsweredElsewhere()) {
            abandoned.continued.set(true);
        } else {
            attempts.put(presented, abandoned);
        }
        return abandoned;
    }

    /** The client that came back had no answer this time either, and may come back again. */
    void notAnswered(Presented presented) {
        Abandoned abandoned = attempts.getIfPresent(presented);
        if (abandoned != null) {
            abandoned.continued.set(false);
        }
    }

    void answered(Presented presented) {
        attempts.invalidate(presented);
    }
}
