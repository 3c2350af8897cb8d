package io.portcullis.redis;

import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.ReactiveRedisClusterConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A connection factory that never blocks its caller. Spring Data's makes its shared connection on the thread that asks
 * first and waits for it: here that happens in the background, and until it is there whoever asks is told at once that it
 * is not. Afterwards Lettuce reconnects by itself.
 */
public final class BackgroundConnectionFactory implements ReactiveRedisConnectionFactory {
    private static final Logger log = LoggerFactory.getLogger(BackgroundConnectionFactory.class);

    private final ReactiveRedisConnectionFactory connections;
    private final AtomicReference<State> state = new AtomicReference<>(State.NOT_CONNECTED);

    private enum State {
        NOT_CONNECTED,
        CONNECTING,
        CONNECTED
    }

    public BackgroundConnectionFactory(ReactiveRedisConnectionFactory connections) {
        this.connections = connections;
    }

    /** Connects on another thread, unless that was done or is being done. */
    public void connect() {
        if (state.compareAndSet(State.NOT_CONNECTED, State.CONNECTING)) {
            Mono.fromRunnable(() -> connections.getReactiveConnection().close())
                    .subscribeOn(Schedulers.boundedElastic())
                    .subscribe(
                            nothing -> {},
                            e -> {
                                state.set(State.NOT_CONNECTED);
                                log.warn("Redis cannot be reached: {}", rootMessage(e));
                            },
                            () -> {
                                state.set(State.CONNECTED);
                                log.info("Connected to Redis");
                            });
        }
    }

    @Override
    public ReactiveRedisConnection getReactiveConnection() {
        requireConnected();
        return connections.getReactiveConnection();
    }

    @Override
    public ReactiveRedisClusterConnection getReactiveClusterConnection() {
        requireConnected();
        return connections.getReactiveClusterConnection();
    }

    private void requireConnected() {
        if (state.get() != State.CONNECTED) {
            connect();
            throw new RedisConnectionFailureException("not connected to Redis yet");
        }
    }

    @Override
    public DataAccessException translateExceptionIfPossible(RuntimeException e) {
        return connections.translateExceptionIfPossible(e);
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
