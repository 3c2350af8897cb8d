package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.session.UnreadableRecordException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.observability.DefaultSignalListener;
import reactor.core.publisher.Mono;

/**
 * Tells a circuit breaker what became of a call. Resilience4j's own operator would count as a failure that the store answered
 * for one record that it is not readable, or cannot be judged yet: the circuit breaker must not open for that.
 */
final class CountedCall<T> extends DefaultSignalListener<T> {
    private final CircuitBreaker circuitBreaker;
    private final long began;
    private final AtomicBoolean isCounted = new AtomicBoolean();

    private CountedCall(CircuitBreaker circuitBreaker) {
        this.circuitBreaker = circuitBreaker;
        this.began = circuitBreaker.getCurrentTimestamp();
    }

    /** The call, if it is permitted; else errors with {@link NotDoneException}. To be subscribed to at once, and once. */
    static <T> Mono<T> of(CircuitBreaker circuitBreaker, Mono<T> call) {
        if (!circuitBreaker.tryAcquirePermission()) {
            return Mono.error(new NotDoneException(
                    "the circuit breaker is open",
                    CallNotPermittedException.createCallNotPermittedException(circuitBreaker)));
        }
        return call.tap(() -> new CountedCall<>(circuitBreaker));
    }

    @Override
    public void doOnNext(T value) {
        succeeded();
    }

    @Override
    public void doOnComplete() {
        succeeded();
    }

    @Override
    public void doOnError(Throwable e) {
        if (e instanceof UnreadableRecordException || e instanceof UndecidedException) {
            succeeded();
        } else if (!isCounted.getAndSet(true)) {
            circuitBreaker.onError(elapsed(), circuitBreaker.getTimestampUnit(), e);
        }
    }

    @Override
    public void doOnCancel() {
        if (!isCounted.getAndSet(true)) {
            circuitBreaker.releasePermission();
        }
    }

    private void succeeded() {
        if (!isCounted.getAndSet(true)) {
            circuitBreaker.onSuccess(elapsed(), circuitBreaker.getTimestampUnit());
        }
    }

    private long elapsed() {
        return circuitBreaker.getCurrentTimestamp() - began;
    }
}
