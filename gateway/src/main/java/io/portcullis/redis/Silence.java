package io.portcullis.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** For how long a connection has owed an answer, any answer: one that nothing was asked of is not silent. */
final class Silence {
    private static final long NONE = Long.MIN_VALUE;

    private final AtomicLong since = new AtomicLong(NONE);

    void asked() {
        if (since.get() == NONE) {
            since.compareAndSet(NONE, System.nanoTime());
        }
    }

    void answered() {
        if (since.get() != NONE) {
            since.set(NONE);
        }
    }

    boolean isLongerThan(Duration time) {
        long began = since.get();
        return began != NONE && System.nanoTime() - began > time.toNanos();
    }
}
