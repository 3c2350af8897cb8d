package io.portcullis;

import org.springframework.context.SmartLifecycle;

/** A step of the process' beginning: what is done before anything else starts. */
final class FirstStep implements SmartLifecycle {
    private final Runnable work;
    private volatile boolean isRunning;

    /** Nothing happens before {@link #start}. */
    FirstStep(Runnable work) {
        this.work = work;
    }

    @Override
    public void start() {
        work.run();
        isRunning = true;
    }

    @Override
    public void stop() {
        isRunning = false;
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}
