package io.portcullis.operations;

import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import java.util.Locale;
import org.slf4j.event.Level;

/** What came of a refresh request that brought a token, as the operator is told it: the closed set of words of a metric's tag. */
public enum RefreshResult {
    ROTATED(Level.DEBUG, "Refresh token rotated"),
    REPEATED(Level.DEBUG, "Refresh answered again, the attempt came twice"),
    REDELIVERED(Level.DEBUG, "Refresh answered again, the answer had not arrived"),
    HEALED(Level.WARN, "Session healed, the store had lost its newest rotations"),
    RECOVERED(Level.INFO, "Session opened again, the store had lost it"),
    ADOPTED(Level.INFO, "Session adopted from a backend"),
    REPLAYED(Level.DEBUG, "Refresh answered again, within the grace"),
    REPORTED(Level.WARN, "Refresh token reused, reported only"),
    REUSED(Level.WARN, "Refresh token reused, session revoked"),
    REVOKED(Level.INFO, "Refresh refused, the session is revoked"),
    EXPIRED(Level.DEBUG, "Refresh refused, expired"),
    UNKNOWN(Level.INFO, "Refresh refused, the session is unknown"),
    /** The store could not answer. Each of an outage's requests is one: the counter is the news. */
    UNAVAILABLE(Level.DEBUG, "Refresh not decided, the store is unavailable"),
    MISMATCHED(Level.WARN, "Refresh refused, the session is another's"),
    /** Not a token of ours; anybody may send any number of them. */
    MALFORMED(Level.DEBUG, "Refresh refused, not a token of ours"),
    FORGED(Level.DEBUG, "Refresh refused, the signature does not hold"),
    /** A token that only the backends can judge. */
    PASSED(Level.DEBUG, "Refresh answered by the backends, the token is theirs"),
    REFUSED_BY_BACKEND(Level.DEBUG, "Refresh refused by the backends"),
    UNDECIDED(Level.DEBUG, "Refresh not decided by the backends"),
    BUSY(Level.DEBUG, "Refresh not decided, the backends are still being asked"),
    UNOPENED(Level.INFO, "Refresh refused, what the token was adopted as is gone");

    private final Level level;
    private final String sentence;

    RefreshResult(Level level, String sentence) {
        this.level = level;
        this.sentence = sentence;
    }

    static RefreshResult of(RotationOutcome outcome) {
        if (outcome instanceof Rotated rotated) {
            return switch (rotated.cause()) {
                case FIRST_USE -> ROTATED;
                case REPEATED_ATTEMPT -> REPEATED;
                case UNDELIVERED -> REDELIVERED;
                case HEALED -> HEALED;
                case RECOVERED -> RECOVERED;
                case ADOPTED -> ADOPTED;
            };
        }
        if (outcome instanceof Replayed) {
            return REPLAYED;
        }
        if (outcome instanceof Reported) {
            return REPORTED;
        }
        if (outcome instanceof Reused) {
            return REUSED;
        }
        if (outcome instanceof Revoked) {
            return REVOKED;
        }
        if (outcome instanceof Expired) {
            return EXPIRED;
        }
        return UNKNOWN;
    }

    Level level() {
        return level;
    }

    String sentence() {
        return sentence;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
