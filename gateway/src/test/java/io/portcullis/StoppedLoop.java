package io.portcullis;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An event loop whose time goes on when a test says so; every thread is on it. */
public final class StoppedLoop implements AutoCloseable {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    public StoppedLoop() {
        channel.freezeTime();
    }

    public EventLoop loop() {
        return channel.eventLoop();
    }

    /** Lets time pass, and what is due then happen. */
    public void passes(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    /** Whether something is still to happen on it. */
    public boolean hasTimer() {
        return channel.runScheduledPendingTasks() >= 0;
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
