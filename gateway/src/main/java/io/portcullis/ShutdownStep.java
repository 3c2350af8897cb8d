package io.portcullis;

import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;

/** A step of the process' end: what is done in its turn, and waited for. */
final class ShutdownStep implements SmartLifecycle {
    /** Before everything else stops. */
    static final int FIRST = Integer.MAX_VALUE;

    /** The web servers have stopped, in phases far above, and Lettuce's connections have not, in 0. */
    static final int AFTER_THE_LAST_REQUEST = 1000;

    private final int phase;
    private final Mono<Void> work;
    private volatile boolean isRunning;

    /**
     * Nothing happens before {@link #stop}.
     *
     * @param phase the higher, the earlier
     * @param work never errors
     */
    ShutdownStep(int phase, Mono<Void> work) {
        this.phase = phase;
        this.work = work;
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
        work.doFinally(signal -> stopped.run()).subscribe();
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    @Override
    public int getPhase() {
        return phase;
    }
}
