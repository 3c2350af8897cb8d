package io.portcullis;

import io.portcullis.operations.Outboxes;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/** Lets the events out before the end: after the last request was answered, and while there is still a connection to Redis. */
final class OutboxLifecycle implements SmartLifecycle {
    /** The web servers stop in phases far above, Lettuce in 0. */
    private static final int PHASE = 1000;

    private final Outboxes outboxes;
    private final Duration flushTimeout;
    private volatile boolean isRunning;

    OutboxLifecycle(Outboxes outboxes, Duration flushTimeout) {
        this.outboxes = outboxes;
        this.flushTimeout = flushTimeout;
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable stopped) {
        isRunning = false;
        outboxes.close(flushTimeout).doFinally(signal -> stopped.run()).subscribe();
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
