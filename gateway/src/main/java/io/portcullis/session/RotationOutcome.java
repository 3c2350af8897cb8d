package io.portcullis.session;

import java.time.Instant;

/**
 * What the store decided about a presented refresh token. The client sees two answers, new tokens or a 401 that does
 * not say why; the operator sees which.
 */
public sealed interface RotationOutcome {

    /** The client gets the tokens of {@link #successor()}. */
    sealed interface Granted extends RotationOutcome {
        Successor successor();
    }

    /** The client gets nothing. */
    sealed interface Refused extends RotationOutcome {}

    /** Whatever the client gets: the token had been used before, and nothing excuses it. */
    sealed interface Recognised extends RotationOutcome {
        Reuse reuse();
    }

    /** The token was the newest, or the client cannot have had its successor. */
    record Rotated(Successor successor, RotationCause cause) implements Granted {}

    /** The token was used before, within the realm's grace. */
    record Replayed(Successor successor) implements Granted {}

    /**
     * The token was used before, and the realm only reports reuse. The successor is the session's newest token, so that
     * there is still one leaf.
     *
     * @param presented the generation that came back
     * @param reusedAt the store's time of the answer
     */
    record Reported(Successor successor, long presented, Instant reusedAt) implements Granted, Recognised {
        @Override
        public Reuse reuse() {
            return new Reuse(presented, successor.generation(), successor.issuedAt(), reusedAt);
        }
    }

    /**
     * The token was used before: the session is revoked from now on (RFC 9700, 4.14.2).
     *
     * @param current the session's generation
     * @param rotatedAt when that generation was made
     * @param reusedAt the store's time of the answer
     */
    record Reused(long presented, long current, Instant rotatedAt, Instant reusedAt) implements Refused, Recognised {
        @Override
        public Reuse reuse() {
            return new Reuse(presented, current, rotatedAt, reusedAt);
        }
    }

    /** The session was revoked before. */
    record Revoked() implements Refused {}

    /** The session went without a refresh for too long, or reached its absolute end. */
    record Expired() implements Refused {}

    /** There is no such session. */
    record Unknown() implements Refused {}
}
