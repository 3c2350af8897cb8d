package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.portcullis.FaultyProxy;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.SessionStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** A gateway's way to Redis, over a line of its own, as {@code RedisConfiguration} and {@code LettuceConfiguration} put it together; of less patience. */
final class Replica implements AutoCloseable {
    private static final int MARKS_KEPT_MAX = 10_000;

    private final FaultyProxy line;
    private final RedisClients clients;
    private final KeptCalls marks = new KeptCalls(MARKS_KEPT_MAX, Duration.ofMinutes(10));
    private final ResilientSessionStore store;
    private final Disposable telling;
    private final Disposable living;

    /** @param witness of each sending */
    Replica(RedisServer redis, Duration budget, Duration sending, UnaryOperator<SessionStore> witness) {
        this.line = FaultyProxy.before(redis.port());
        this.clients = new RedisClients(line.port(), 1).connected();
        Unsettled unsettled = new Unsettled();
        Replicas replicas = clients.replicas(0, unsettled);
        this.store = impatient(witness.apply(clients.store(0, replicas)), marks, unsettled, budget, sending);
        this.telling = Flux.interval(Duration.ofMillis(20))
                .onBackpressureDrop()
                .concatMap(tick -> marks.repeat(Instant.now()), 1)
                .subscribe();
        this.living = Flux.interval(Duration.ZERO, budget.dividedBy(8))
                .onBackpressureDrop()
                .concatMap(tick -> replicas.exchange(), 1)
                .subscribe();
    }

    /** A store of a replica, with a circuit breaker of its own. */
    static ResilientSessionStore impatient(
            SessionStore store, KeptCalls marks, Unsettled unsettled, Duration budget, Duration sending) {
        CircuitBreaker circuitBreaker = CircuitBreaker.of(
                "store",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(10)
                        .minimumNumberOfCalls(5)
                        .waitDurationInOpenState(Duration.ofMillis(100))
                        .permittedNumberOfCallsInHalfOpenState(3)
                        .automaticTransitionFromOpenToHalfOpenEnabled(true)
                        .build());
        return new ResilientSessionStore(
                store, circuitBreaker, marks, unsettled, budget, sending, InstantSource.system());
    }

    FaultyProxy line() {
        return line;
    }

    KeptCalls marks() {
        return marks;
    }

    ResilientSessionStore store() {
        return store;
    }

    @Override
    public void close() throws IOException {
        telling.dispose();
        living.dispose();
        clients.close();
        line.close();
    }
}
