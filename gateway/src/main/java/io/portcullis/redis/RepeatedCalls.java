package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * Calls of a store that wait out a short outage: one that gets no answer is sent again, with the same arguments, until its
 * budget is spent, or nobody waits for it any more. While the store is known to be away the circuit breaker, which counts whole
 * calls, answers at once.
 */
final class RepeatedCalls {
    private final CircuitBreaker circuitBreaker;
    private final Duration budget;
    private final Duration commandTimeout;

    /**
     * Of one store.
     *
     * @param budget how long a call may take in all
     * @param commandTimeout how long one sending of it may take
     */
    RepeatedCalls(CircuitBreaker circuitBreaker, Duration budget, Duration commandTimeout) {
        this.circuitBreaker = circuitBreaker;
        this.budget = budget;
        this.commandTimeout = commandTimeout;
    }

    /** The answer; errors only with {@link StoreUnavailableException}. */
    <T> Mono<T> call(Mono<T> sending) {
        return Mono.deferContextual(call -> {
            if (KeptCalls.isRepeating(call)) {
                return sentOnce(sending);
            }
            Sendings<T> sendings = new Sendings<>(sending, budget, commandTimeout, call);
            return CountedCall.of(circuitBreaker, sendings.one().onErrorResume(sendings::again));
        });
    }

    /** Whoever sends it will send it again, and is not to open the circuit breaker for others. */
    <T> Mono<T> sentOnce(Mono<T> sending) {
        return sending.timeout(commandTimeout)
                .onErrorMap(TimeoutException.class, e -> Sendings.notAnswered(commandTimeout, e))
                .contextWrite(context -> Deadline.in(commandTimeout).addedTo(context));
    }
}
