package io.portcullis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.redis.ScriptRunner;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.dao.DataAccessException;
import reactor.core.publisher.Mono;

/** Whether refreshes can be answered: the circuit breaker sends them to Redis, and Redis runs scripts in time. */
final class StoreHealth implements ReactiveHealthIndicator {
    private static final Set<CircuitBreaker.State> HOLDS_BACK =
            EnumSet.of(CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN, CircuitBreaker.State.FORCED_OPEN);

    private final ScriptRunner scripts;
    private final CircuitBreaker circuitBreaker;
    private final Duration answersWithin;

    StoreHealth(ScriptRunner scripts, CircuitBreaker circuitBreaker, Duration answersWithin) {
        this.scripts = scripts;
        this.circuitBreaker = circuitBreaker;
        this.answersWithin = answersWithin;
    }

    /** Whether the circuit breaker keeps refreshes from Redis. */
    static boolean isHeldBack(CircuitBreaker circuitBreaker) {
        return HOLDS_BACK.contains(circuitBreaker.getState());
    }

    @Override
    public Mono<Health> health() {
        return scripts.check()
                .timeout(answersWithin)
                .then(Mono.fromSupplier(() -> isHeldBack(circuitBreaker)
                        ? Health.down().build()
                        : Health.up().build()))
                .onErrorResume(
                        e -> e instanceof DataAccessException || e instanceof TimeoutException,
                        e -> Mono.just(Health.down().build()));
    }
}
