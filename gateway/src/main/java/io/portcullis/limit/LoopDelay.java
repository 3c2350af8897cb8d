package io.portcullis.limit;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long everything on an event loop waits for its turn, told by a task that is due ten times a second and is as late as
 * all else. A request that waits for somebody else, a backend or Redis, makes no loop late.
 *
 * <p>One measurement says little: a collection of the heap, or a class that is loaded, is over when it is noticed. So a delay
 * is what two in a row have, of which the second may still be going on, or a third of one that is.
 */
public final class LoopDelay {
    static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    private final LongSupplier nanoTime;
    private volatile long dueAt;
    private volatile long last;
    private volatile long beforeLast;
    private volatile boolean isOver;
    private volatile @Nullable Future<?> next;

    LoopDelay(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.dueAt = nanoTime.getAsLong() + INTERVAL_NANOS;
    }

    /** Begins to measure, until the loop ends or {@link #stop} is called. */
    static LoopDelay measure(EventExecutor loop) {
        LoopDelay delay = new LoopDelay(System::nanoTime);
        delay.schedule(loop);
        return delay;
    }

    private void schedule(EventExecutor loop) {
        try {
            next = loop.schedule(
                    () -> {
                        arrived();
                        if (!isOver) {
                            schedule(loop);
                        }
                    },
                    INTERVAL_NANOS,
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // the loop has ended, and nobody waits for it any more
            isOver = true;
        }
    }

    /** The task has had its turn. */
    void arrived() {
        long now = nanoTime.getAsLong();
        beforeLast = last;
        last = Math.max(0, now - dueAt);
        dueAt = now + INTERVAL_NANOS;
    }

    void stop() {
        isOver = true;
        Future<?> waiting = next;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    /** Another number after each measurement. */
    long measurement() {
        return dueAt;
    }

    /** In nanoseconds. */
    long nanos() {
        long goingOn = nanoTime.getAsLong() - dueAt;
        long twoInARow = Math.min(last, Math.max(beforeLast, goingOn));
        return Math.max(twoInARow, Math.max(0, goingOn / 3));
    }
}
