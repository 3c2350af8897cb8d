package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import io.portcullis.session.Waiting;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;
import reactor.util.retry.Retry;

/**
 * Calls of a store that wait out a short outage: one that gets no answer is sent again, with the same arguments, until its
 * budget is spent, or nobody waits for it any more. While the store is known to be away the circuit breaker, which counts whole
 * calls, answers at once.
 */
final class RepeatedCalls {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

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
        return Mono.deferContextual(call -> KeptCalls.isRepeating(call) ? sentOnce(sending) : insisted(sending));
    }

    /** Whoever sends it will send it again, and is not to open the circuit breaker for others. */
    <T> Mono<T> sentOnce(Mono<T> sending) {
        return answeredInTime(sending)
                .contextWrite(context -> Deadline.in(commandTimeout).addedTo(context));
    }

    private <T> Mono<T> insisted(Mono<T> sending) {
        return withinBudget(sending)
                .map(Answer::of)
                // the store did answer: the circuit breaker must not open for one record
                .onErrorResume(
                        e -> e instanceof UnreadableRecordException || e instanceof UndecidedException,
                        e -> Mono.just(Answer.of((StoreUnavailableException) e)))
                .transformDeferred(CircuitBreakerOperator.of(circuitBreaker))
                .onErrorMap(
                        CallNotPermittedException.class, e -> new NotDoneException("the circuit breaker is open", e))
                .flatMap(Answer::get);
    }

    private <T> Mono<T> withinBudget(Mono<T> sending) {
        return Mono.defer(() -> {
            Deadline end = Deadline.in(budget);
            // sendings of which it is not known that nothing came of them
            AtomicInteger open = new AtomicInteger();
            AtomicBoolean isUndecided = new AtomicBoolean();
            return repeated(Mono.defer(() -> {
                        open.incrementAndGet();
                        return sending.doOnError(NotDoneException.class, e -> open.decrementAndGet())
                                .doOnError(e -> isUndecided.set(e instanceof UndecidedException))
                                // each has its own: if carried out after the next was answered it would be a reuse
                                .contextWrite(end.orIfEarlier(Deadline.in(commandTimeout))::addedTo);
                    }))
                    // it answered each, and last that it cannot say
                    .onErrorMap(
                            e -> e instanceof StoreUnavailableException && isUndecided.get() && open.get() == 0,
                            e -> new UndecidedException())
                    .onErrorMap(
                            e -> e instanceof StoreUnavailableException
                                    && !(e instanceof UndecidedException)
                                    && open.get() == 0,
                            e -> new NotDoneException("nothing came of it", e));
        });
    }

    private <T> Mono<T> repeated(Mono<T> sending) {
        return Mono.deferContextual(call -> {
            AtomicBoolean wasSent = new AtomicBoolean();
            return answeredInTime(Mono.defer(
                            () -> wasSent.getAndSet(true) && isForNobody(call) ? Mono.<T>error(forNobody()) : sending))
                    .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                            .maxBackoff(LONGEST_PAUSE)
                            .filter(e -> mayPass(e) && !isForNobody(call)))
                    .timeout(budget)
                    .onErrorMap(
                            TimeoutException.class,
                            e -> new StoreUnavailableException("no answer within " + budget, e));
        });
    }

    private static boolean isForNobody(ContextView call) {
        return call.hasKey(Waiting.class) && call.<Waiting>get(Waiting.class).isOver();
    }

    private static StoreUnavailableException forNobody() {
        return new StoreUnavailableException("not sent again", new CancellationException("nobody waits any more"));
    }

    private <T> Mono<T> answeredInTime(Mono<T> sending) {
        return sending.timeout(commandTimeout)
                .onErrorMap(
                        TimeoutException.class,
                        e -> new StoreUnavailableException("no answer within " + commandTimeout, e));
    }

    private static boolean mayPass(Throwable e) {
        return e instanceof StoreUnavailableException && !(e instanceof UnreadableRecordException);
    }

    /** What the store said: a value, or why it has none. */
    private record Answer<T>(@Nullable T value, @Nullable StoreUnavailableException without) {
        static <T> Answer<T> of(T value) {
            return new Answer<>(value, null);
        }

        static <T> Answer<T> of(StoreUnavailableException e) {
            return new Answer<>(null, e);
        }

        Mono<T> get() {
            return without == null ? Mono.justOrEmpty(value) : Mono.error(without);
        }
    }
}
