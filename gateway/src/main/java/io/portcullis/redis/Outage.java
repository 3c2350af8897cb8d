package io.portcullis.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * When a server was last away from here, for as long as that matters: until every replica is back that was cut off with this
 * one, and has said what it has to say. Times are those of {@link System#nanoTime()}.
 */
final class Outage {
    private static final long SETTLED_AFTER = Duration.ofSeconds(10).toNanos();
    /** Those that begin so soon after another are one: so a dozen are kept at most. */
    private static final long ONE_WITHIN = Duration.ofSeconds(1).toNanos();

    /** A time in which there was no answer. */
    private record Silent(long began, long ended) {}

    /**
     * Of rotations of that time it is not known whether their clients were answered.
     *
     * @param fromMillis how long ago it began; 0 if there is none
     * @param untilMillis how long ago it ended
     */
    record Doubt(long fromMillis, long untilMillis) {
        static final Doubt NONE = new Doubt(0, 0);

        Doubt and(Doubt other) {
            if (equals(NONE) || other.equals(NONE)) {
                return equals(NONE) ? other : this;
            }
            return new Doubt(Math.max(fromMillis, other.fromMillis), Math.min(untilMillis, other.untilMillis));
        }
    }

    private final Deque<Silent> past = new ArrayDeque<>();
    private volatile boolean isAway;
    private long began;
    private long lastNotAnswered;

    boolean isAway() {
        return isAway;
    }

    /** @param since from when on it may not have answered others either */
    synchronized void notAnswered(long since, long now) {
        lastNotAnswered = now;
        if (!isAway) {
            began = since;
            isAway = true;
        }
    }

    synchronized void answered(long now) {
        if (isAway) {
            end(now);
        }
    }

    private void end(long now) {
        isAway = false;
        forget(now);
        Silent last = past.peekLast();
        if (last != null && began - last.began() < ONE_WITHIN) {
            past.removeLast();
            began = Math.min(began, last.began());
        }
        past.addLast(new Silent(began, now));
    }

    private void forget(long now) {
        while (!past.isEmpty() && now - past.getFirst().ended() > SETTLED_AFTER) {
            past.removeFirst();
        }
    }

    synchronized Doubt doubt(long now) {
        if (isAway && now - lastNotAnswered > SETTLED_AFTER) {
            // nobody has asked since
            end(lastNotAnswered);
        }
        forget(now);
        Doubt doubt = isAway ? of(began, now, now) : Doubt.NONE;
        for (Silent one : past) {
            doubt = doubt.and(of(one.began(), one.ended(), now));
        }
        return doubt;
    }

    private static Doubt of(long began, long ended, long now) {
        return new Doubt(
                Duration.ofNanos(now - began).toMillis(),
                Duration.ofNanos(now - ended).toMillis());
    }
}
