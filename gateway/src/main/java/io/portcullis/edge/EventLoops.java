package io.portcullis.edge;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.ReactorNetty;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of the server and of what goes to backends: as many as processors, each with a {@link SettledInterest}.
 * reactor-netty has four at least: on two processors they take turns, and each has less to do at once, to read and to write with
 * one system call. Where there is no epoll, and where the process is told to do without, they are reactor-netty's.
 */
public final class EventLoops implements LoopResources {
    private static final String PREFIX = "reactor-http";

    private final EventLoopGroup loops;
    private final EventLoopGroup ofClients;

    private EventLoops(int count) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads = task -> new LoopThread(task, PREFIX + "-epoll-" + number.incrementAndGet());
        this.loops = new MultiThreadIoEventLoopGroup(count, threads, SettledInterest.factory());
        this.ofClients = LoopResources.colocate(loops);
    }

    /** Their number is reactor-netty's property, where that is set. */
    public static LoopResources create() {
        int count = Math.max(
                1,
                Integer.getInteger(
                        ReactorNetty.IO_WORKER_COUNT, Runtime.getRuntime().availableProcessors()));
        return LoopResources.DEFAULT_NATIVE && Epoll.isAvailable()
                ? new EventLoops(count)
                : LoopResources.create(PREFIX, count, true);
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return loops;
    }

    /** A connection to a backend is made on the loop of the request that it is made for. */
    @Override
    public EventLoopGroup onClient(boolean useNative) {
        return ofClients;
    }

    @Override
    public boolean daemon() {
        return true;
    }

    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.<Void>create(sink -> {
            Future<?> end = loops.shutdownGracefully(quietPeriod.toMillis(), timeout.toMillis(), TimeUnit.MILLISECONDS);
            end.addListener(ended -> sink.success());
        });
    }

    /** Known as one that must not wait, as reactor-netty's own are. */
    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {
        private LoopThread(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }
}
