package io.portcullis.edge;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.bulkhead.operator.BulkheadOperator;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * What stands between a route and its backend. A call lasts until the head of the answer: bodies, event streams and
 * WebSockets come after it and are not looked at. What the backend answers passes, whether it counts as a failure or not.
 */
final class BackendIsolation implements GatewayFilter {
    private static final int RETRY_AFTER_MAX_SECONDS = 60;

    private final @Nullable CircuitBreaker circuitBreaker;
    private final @Nullable TimeLimiter timeLimiter;
    private final @Nullable Bulkhead bulkhead;
    private final Set<Integer> failures;

    /** @param failures statuses of answers that count as failures */
    BackendIsolation(
            @Nullable CircuitBreaker circuitBreaker,
            @Nullable TimeLimiter timeLimiter,
            @Nullable Bulkhead bulkhead,
            Set<Integer> failures) {
        this.circuitBreaker = circuitBreaker;
        this.timeLimiter = timeLimiter;
        this.bulkhead = bulkhead;
        this.failures = failures;
    }

    boolean isNothing() {
        return circuitBreaker == null && timeLimiter == null && bulkhead == null;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        ArrivingRequest request = ArrivingRequest.of(exchange);
        ServerWebExchange watched = exchange.mutate().request(request).build();
        Mono<NotTheBackends> call = inTime(chain.filter(watched), request)
                .then(Mono.defer(() -> isFailure(exchange) ? Mono.error(new FailingAnswer()) : Mono.empty()))
                .cast(NotTheBackends.class)
                .onErrorResume(e -> !isTheBackends(request, e), e -> Mono.just(new NotTheBackends(e)));
        if (circuitBreaker != null) {
            call = call.transformDeferred(CircuitBreakerOperator.of(circuitBreaker));
        }
        if (bulkhead != null) {
            call = call.transformDeferred(BulkheadOperator.of(bulkhead));
        }
        return call.flatMap(other -> Mono.<Void>error(other.failure()))
                .onErrorMap(CallNotPermittedException.class, e -> new BackendHeldBackException(retryAfter(), e))
                .onErrorMap(BulkheadFullException.class, e -> new BackendHeldBackException(1, e))
                .onErrorComplete(FailingAnswer.class);
    }

    private Mono<Void> inTime(Mono<Void> call, ArrivingRequest request) {
        TimeLimiter limiter = timeLimiter;
        if (limiter == null) {
            return call;
        }
        return call.timeout(request.lateAfter(limiter.getTimeLimiterConfig().getTimeoutDuration()))
                .doOnSuccess(nothing -> limiter.onSuccess())
                .doOnError(limiter::onError);
    }

    private boolean isFailure(ServerWebExchange exchange) {
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        return status != null && failures.contains(status.value());
    }

    /** A client that breaks its upload off must not count against the backend. */
    private static boolean isTheBackends(ArrivingRequest request, Throwable failure) {
        return failure instanceof FailingAnswer || (!request.isBrokenOff() && BackendFailures.isTheBackends(failure));
    }

    /** Seconds until the circuit breaker lets somebody through again, at most. */
    private int retryAfter() {
        if (circuitBreaker == null) {
            return 1;
        }
        long millis = circuitBreaker
                .getCircuitBreakerConfig()
                .getWaitIntervalFunctionInOpenState()
                .apply(1);
        return (int) Math.max(1, Math.min(RETRY_AFTER_MAX_SECONDS, (millis + 999) / 1000));
    }

    /** A failure that says nothing of the backend. */
    private record NotTheBackends(Throwable failure) {}

    /** An answer that is passed on, and is a failure to the circuit breaker. */
    private static final class FailingAnswer extends RuntimeException {
        private FailingAnswer() {
            super("an answer that counts as a failure", null, false, false);
        }
    }
}
