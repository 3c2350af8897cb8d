package io.portcullis;

import io.portcullis.redis.KeptRevocations;
import io.portcullis.redis.RedisSessionStore;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Asks Redis every second after the revocations that it may have lost, for as long as there is a connection to it. */
final class RevocationKeeping implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(RevocationKeeping.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final KeptRevocations kept;
    private final RedisSessionStore store;
    private final Duration answersWithin;
    private volatile @Nullable Disposable asking;

    /**
     * Nothing happens before {@link #start}.
     *
     * @param answersWithin how long one question may take
     */
    RevocationKeeping(KeptRevocations kept, RedisSessionStore store, Duration answersWithin) {
        this.kept = kept;
        this.store = store;
        this.answersWithin = answersWithin;
    }

    @Override
    public void start() {
        asking = Flux.interval(EVERY)
                .onBackpressureDrop()
                .concatMap(second -> kept.askAfter(store, answersWithin), 1)
                .doOnError(e -> log.error("Revocations are no longer asked after", e))
                .retry()
                .subscribe();
    }

    @Override
    public void stop() {
        Disposable started = asking;
        if (started != null) {
            started.dispose();
        }
        asking = null;
    }

    @Override
    public boolean isRunning() {
        return asking != null;
    }

    @Override
    public int getPhase() {
        // before Lettuce's own, which is 0
        return 1;
    }
}
