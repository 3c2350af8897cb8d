package io.portcullis.redis;

import java.util.concurrent.TimeUnit;

/**
 * What time it is at Redis, as far as its last answer tells: behind its clock by as long as that answer was under way, and
 * never ahead of it, as long as that clock is not set back.
 */
final class ServerTime {
    private static final long UNKNOWN = Long.MIN_VALUE;

    private volatile long aheadMillis = UNKNOWN;

    /** An answer said that it is so late. */
    void seen(long redisMillis) {
        // rounded up, so that what is added is rounded down
        aheadMillis = redisMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) - 1;
    }

    /** Whether Redis came to the call before it was given up; what an answer tells of the time is noted. */
    boolean isInTime(ScriptAnswer answer) {
        if (answer.word().equals("late")) {
            seen(answer.number(1));
            return false;
        }
        if (answer.tellsTheTime()) {
            seen(answer.number(4));
        }
        return true;
    }

    /** By Redis' clock; 0 while that is not known. */
    long millisAt(long nanoTime) {
        long ahead = aheadMillis;
        return ahead == UNKNOWN ? 0 : TimeUnit.NANOSECONDS.toMillis(nanoTime) + ahead;
    }
}
