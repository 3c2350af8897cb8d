package io.portcullis.redis;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * One sending of a call, given up some time after its answer was requested. Every refresh has one, so it is one step where
 * operators would be five, and its timer is that of the event loop which asks, named in the call's context under
 * {@link EventExecutor}: another thread's would have to be woken. Without one it is Reactor's.
 */
final class TimedSending<T> implements CoreSubscriber<T>, Subscription {
    private final Duration timeout;
    private final CoreSubscriber<? super T> caller;
    private final Context context;
    private final AtomicBoolean isRequested = new AtomicBoolean();
    /** Answered, failed, given up or cancelled: once. */
    private final AtomicBoolean isOver = new AtomicBoolean();

    private volatile @Nullable Subscription sending;
    private volatile @Nullable Disposable timer;

    private TimedSending(Duration timeout, Deadline deadline, CoreSubscriber<? super T> caller) {
        this.timeout = timeout;
        this.caller = caller;
        this.context = deadline.addedTo(caller.currentContext());
    }

    /**
     * The sending; errors with {@link TimeoutException} where there is no answer in time.
     *
     * @param deadline when Redis is not to begin with it any more
     */
    static <T> Mono<T> of(Mono<T> sending, Duration timeout, Deadline deadline) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super T> caller) {
                sending.subscribe(new TimedSending<>(timeout, deadline, caller));
            }
        };
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        sending = subscription;
        caller.onSubscribe(this);
    }

    private Disposable startTimer() {
        if (context.getOrDefault(EventExecutor.class, null) instanceof EventExecutor loop && loop.inEventLoop()) {
            Future<?> scheduled = loop.schedule(this::late, timeout.toNanos(), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        }
        return Schedulers.parallel().schedule(this::late, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void request(long n) {
        Subscription asked = sending;
        if (asked == null || isOver.get()) {
            return;
        }
        if (!isRequested.getAndSet(true)) {
            timer = startTimer();
        }
        asked.request(n);
    }

    @Override
    public void onNext(T answer) {
        if (end()) {
            caller.onNext(answer);
            caller.onComplete();
        } else {
            Operators.onNextDropped(answer, context);
        }
    }

    @Override
    public void onComplete() {
        if (end()) {
            caller.onComplete();
        }
    }

    @Override
    public void onError(Throwable e) {
        if (end()) {
            caller.onError(e);
        } else {
            Operators.onErrorDropped(e, context);
        }
    }

    private void late() {
        if (end()) {
            stopSending();
            caller.onError(new TimeoutException("no answer within " + timeout));
        }
    }

    @Override
    public void cancel() {
        if (end()) {
            stopSending();
        }
    }

    private boolean end() {
        if (isOver.getAndSet(true)) {
            return false;
        }
        Disposable running = timer;
        if (running != null) {
            running.dispose();
        }
        return true;
    }

    private void stopSending() {
        Subscription asked = sending;
        if (asked != null) {
            asked.cancel();
        }
    }
}
