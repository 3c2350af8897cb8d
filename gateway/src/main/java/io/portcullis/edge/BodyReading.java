package io.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.ByteBufFlux;
import reactor.util.context.Context;

/**
 * The reading of a body on its connection's event loop. Every refresh has one, so it is one step where operators would be six,
 * and its timer is the loop's: another thread's would have to be woken.
 */
final class BodyReading implements CoreSubscriber<ByteBuf>, Subscription {
    private final ByteBufFlux body;
    private final int readMax;
    private final Duration timeout;
    private final EventLoop loop;
    private final CoreSubscriber<? super ReceivedBody> reader;
    private final ReceivedBody received;
    private final AtomicBoolean isRequested = new AtomicBoolean();
    /** Complete, failed, late or cancelled: once. */
    private final AtomicBoolean isOver = new AtomicBoolean();

    private volatile @Nullable Subscription reading;
    private volatile @Nullable Future<?> timer;

    private BodyReading(
            ByteBufFlux body,
            int limit,
            int readMax,
            Duration timeout,
            EventLoop loop,
            CoreSubscriber<? super ReceivedBody> reader) {
        this.body = body;
        this.readMax = readMax;
        this.timeout = timeout;
        this.loop = loop;
        this.reader = reader;
        this.received = new ReceivedBody(limit);
    }

    /**
     * Reads a body; errors with {@link TimeoutException} where it has not arrived in time.
     *
     * @param limit how many bytes are kept
     * @param readMax after how many bytes nothing more is read
     * @param loop the connection's
     */
    static Mono<ReceivedBody> of(ByteBufFlux body, int limit, int readMax, Duration timeout, EventLoop loop) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ReceivedBody> reader) {
                reader.onSubscribe(new BodyReading(body, limit, readMax, timeout, loop, reader));
            }
        };
    }

    @Override
    public Context currentContext() {
        return reader.currentContext();
    }

    @Override
    public void request(long n) {
        if (!isOver.get() && !isRequested.getAndSet(true)) {
            timer = loop.schedule(this::late, timeout.toNanos(), TimeUnit.NANOSECONDS);
            body.subscribe(this);
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        reading = subscription;
        if (isOver.get()) {
            subscription.cancel();
        } else {
            subscription.request(Long.MAX_VALUE);
        }
    }

    /** The server lets go of the buffer. */
    @Override
    public void onNext(ByteBuf buffer) {
        if (isOver.get()) {
            return;
        }
        received.take(buffer.readableBytes(), buffer::readBytes);
        if (received.size() > readMax && end()) {
            stopReading();
            answer();
        }
    }

    @Override
    public void onComplete() {
        if (end()) {
            answer();
        }
    }

    @Override
    public void onError(Throwable e) {
        if (end()) {
            reader.onError(e);
        } else {
            Operators.onErrorDropped(e, currentContext());
        }
    }

    private void late() {
        if (end()) {
            stopReading();
            reader.onError(new TimeoutException("the body did not arrive within " + timeout));
        }
    }

    @Override
    public void cancel() {
        if (end()) {
            stopReading();
        }
    }

    private boolean end() {
        if (isOver.getAndSet(true)) {
            return false;
        }
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
        return true;
    }

    private void stopReading() {
        Subscription subscription = reading;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    private void answer() {
        reader.onNext(received);
        reader.onComplete();
    }
}
