package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;

/**
 * A reuse as the operator wants to know it; for the client all are alike. Both times are of the store's clock.
 *
 * @param presented the generation that came back
 * @param current the session's generation, which is later
 * @param rotatedAt when the current generation was made
 * @param reusedAt when the used token came back
 */
public record Reuse(long presented, long current, Instant rotatedAt, Instant reusedAt) {
    /** Two requests of one client are not further apart than its patience. */
    static final Duration RACE_WITHIN = Duration.ofSeconds(10);

    /** What it looks like. */
    public enum Kind {
        /** The newest token's own parent, seconds after its rotation: likely one client that refreshed twice. */
        RACE,
        /** An older token, or the parent after a while: likely two owners of one token, of whom one is a thief. */
        STALE
    }

    public Kind kind() {
        return generationsBehind() == 1 && age().compareTo(RACE_WITHIN) <= 0 ? Kind.RACE : Kind.STALE;
    }

    public long generationsBehind() {
        return current - presented;
    }

    /** The time since the session's last rotation. */
    public Duration age() {
        return Duration.between(rotatedAt, reusedAt);
    }
}
