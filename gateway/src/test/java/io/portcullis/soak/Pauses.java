package io.portcullis.soak;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The pace of everybody in a run; once it is over nobody waits any more. */
final class Pauses {
    private final CountDownLatch over = new CountDownLatch(1);

    boolean areOn() {
        return over.getCount() > 0;
    }

    void end() {
        over.countDown();
    }

    void pause(Duration time) {
        try {
            over.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            over.countDown();
        }
    }
}
