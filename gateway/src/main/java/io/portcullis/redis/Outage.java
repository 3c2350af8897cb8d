package io.portcullis.redis;

import java.time.Duration;

/**
 * When Redis was last away from here, for as long as that matters. It may have carried out a rotation of another replica just
 * before, whose client was told nothing and now comes here: that replica says so as soon as it is back too, and until then
 * nobody can tell that client from a thief.
 */
final class Outage {
    /** In which every replica is back that was cut off together with this one, and has said what it has to say. */
    private static final Duration SETTLED_AFTER = Duration.ofSeconds(10);
    /** What was carried out so long before the last answer had its own. */
    private static final Duration ON_THE_WAY = Duration.ofSeconds(1);

    private static final Doubt NONE = new Doubt(0, 0);

    /**
     * Of rotations of that time it is not known whether their clients were answered.
     *
     * @param fromMillis how long ago it began; 0 if there is none
     * @param untilMillis how long ago it ended
     */
    record Doubt(long fromMillis, long untilMillis) {}

    private volatile long lastAnswer = System.nanoTime();
    private volatile boolean isAway;
    private long began;
    private long ended;
    private volatile boolean isPast;

    /** Redis answered. */
    void answered() {
        long now = System.nanoTime();
        if (isAway) {
            end(now);
        }
        lastAnswer = now;
    }

    /** Redis did not answer, or could not be asked. */
    void notAnswered() {
        if (!isAway) {
            begin();
        }
    }

    private synchronized void begin() {
        if (isAway) {
            return;
        }
        // one soon after another is the same
        if (!isPast || isSettled(System.nanoTime())) {
            began = lastAnswer - ON_THE_WAY.toNanos();
        }
        isAway = true;
    }

    private synchronized void end(long now) {
        ended = now;
        isPast = true;
        isAway = false;
    }

    private boolean isSettled(long now) {
        return now - ended > SETTLED_AFTER.toNanos();
    }

    /** Now. */
    Doubt doubt() {
        return isAway || isPast ? doubt(System.nanoTime()) : NONE;
    }

    private synchronized Doubt doubt(long now) {
        if (isAway) {
            return new Doubt(millis(now - began), 0);
        }
        if (isSettled(now)) {
            isPast = false;
            return NONE;
        }
        return new Doubt(millis(now - began), millis(now - ended));
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
