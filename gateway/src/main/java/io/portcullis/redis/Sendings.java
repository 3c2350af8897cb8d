package io.portcullis.redis;

import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import io.portcullis.session.Waiting;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.ContextView;
import reactor.util.retry.Retry;

/**
 * The sendings of one call: the first, which is nearly always the only one and costs next to nothing, and those after one that
 * was not answered.
 */
final class Sendings<T> {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

    private final Mono<T> sending;
    private final Duration budget;
    private final Deadline end;
    private final long began;
    private final Duration commandTimeout;
    private final ContextView call;
    /** Those of which it is not known that nothing came of them. */
    private final AtomicInteger open = new AtomicInteger();

    private volatile boolean isUndecided;

    /**
     * Of a call that is made now.
     *
     * @param budget how long it may take in all
     * @param commandTimeout how long one sending may take
     * @param call its context
     */
    Sendings(Mono<T> sending, Duration budget, Duration commandTimeout, ContextView call) {
        this.sending = sending;
        this.budget = budget;
        this.end = Deadline.in(budget);
        this.began = now();
        this.commandTimeout = commandTimeout;
        this.call = call;
    }

    /** One sending; errors with a {@link TimeoutException} where there is no answer in time. */
    Mono<T> one() {
        open.incrementAndGet();
        // of its own: if it were carried out after the next was answered it would be a reuse
        Deadline deadline = end.orIfEarlier(Deadline.in(commandTimeout));
        return TimedSending.of(sending, commandTimeout.compareTo(budget) < 0 ? commandTimeout : budget, deadline);
    }

    /** The others, once the first has failed; errors only with {@link StoreUnavailableException}. */
    Mono<T> again(Throwable e) {
        Duration left = left();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>(failed(e));
        return Mono.defer(() -> {
                    Throwable ofFirst = failure.getAndSet(null);
                    if (ofFirst != null) {
                        return Mono.error(ofFirst);
                    }
                    return isForNobody() ? Mono.error(forNobody()) : one().onErrorMap(this::failed);
                })
                .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                        .maxBackoff(LONGEST_PAUSE)
                        .filter(failed -> mayPass(failed) && !isForNobody()))
                .timeout(left)
                .onErrorMap(TimeoutException.class, late -> notAnswered(budget, late))
                .onErrorMap(StoreUnavailableException.class, this::outcome);
    }

    /** By the clock of the timers, which in a test is another. */
    private Duration left() {
        Duration took = Duration.ofNanos(Math.max(0, now() - began));
        return took.compareTo(budget) < 0 ? budget.minus(took) : Duration.ZERO;
    }

    private static long now() {
        return Schedulers.parallel().now(TimeUnit.NANOSECONDS);
    }

    private Throwable failed(Throwable e) {
        if (e instanceof NotDoneException) {
            open.decrementAndGet();
        }
        isUndecided = e instanceof UndecidedException;
        return e instanceof TimeoutException ? notAnswered(commandTimeout, e) : e;
    }

    static StoreUnavailableException notAnswered(Duration within, Throwable e) {
        return new StoreUnavailableException("no answer within " + within, e);
    }

    private StoreUnavailableException outcome(StoreUnavailableException e) {
        if (open.get() > 0 || e instanceof UndecidedException) {
            return e;
        }
        // it answered each, and last that it cannot say
        return isUndecided ? new UndecidedException() : new NotDoneException("nothing came of it", e);
    }

    private boolean isForNobody() {
        return call.hasKey(Waiting.class) && call.<Waiting>get(Waiting.class).isOver();
    }

    private static StoreUnavailableException forNobody() {
        return new StoreUnavailableException("not sent again", new CancellationException("nobody waits any more"));
    }

    private static boolean mayPass(Throwable e) {
        return e instanceof StoreUnavailableException && !(e instanceof UnreadableRecordException);
    }
}
