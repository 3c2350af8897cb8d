package io.portcullis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Something that is done again and again while there is a connection to Redis, never twice at a time, and once more at the end. */
final class Repetition implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Repetition.class);

    private static final Duration LAST_WITHIN = Duration.ofSeconds(2);

    private final String name;
    private final Duration every;
    private final Mono<Void> work;
    private volatile @Nullable Disposable repeating;

    /**
     * Nothing happens before {@link #start}.
     *
     * @param name what is done, for the log
     */
    Repetition(String name, Duration every, Mono<Void> work) {
        this.name = name;
        this.every = every;
        this.work = work;
    }

    @Override
    public void start() {
        repeating = Flux.interval(every)
                .onBackpressureDrop()
                .concatMap(tick -> work, 1)
                .doOnError(e -> log.error("{} ended, and begins again", name, e))
                .retry()
                .subscribe();
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable stopped) {
        Disposable started = repeating;
        if (started != null) {
            started.dispose();
        }
        repeating = null;
        work.timeout(LAST_WITHIN)
                .doOnError(e -> log.warn("{} was not done a last time", name, e))
                .onErrorComplete()
                .doFinally(signal -> stopped.run())
                .subscribe();
    }

    @Override
    public boolean isRunning() {
        return repeating != null;
    }

    @Override
    public int getPhase() {
        // what it does may be told, which the next step waits for
        return ShutdownStep.AFTER_THE_LAST_REQUEST + 1;
    }
}
