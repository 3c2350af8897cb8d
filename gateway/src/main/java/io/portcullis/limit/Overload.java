package io.portcullis.limit;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Whether there is more to do than can be done: event loops are late. Then some requests are turned away, so that the others
 * are answered in time, and as many as the gateway can answer at all. First go those whose clients send too many, then that of
 * the two kinds of traffic of which more was let in, and the other only if that is not enough; a few of each are always let in.
 */
public final class Overload implements AutoCloseable {
    private final long delayMax;
    private final Map<EventExecutor, Turns> clients = new ConcurrentHashMap<>();
    private final Map<EventExecutor, LoopDelay> store = new ConcurrentHashMap<>();

    /** @param delayMax how long requests may wait for their turn; zero is for as long as they like */
    public Overload(Duration delayMax) {
        this.delayMax = delayMax.toNanos();
    }

    /** That loop speaks to the store: when it is late, so are refreshes. */
    public void watchStore(EventExecutor loop) {
        if (delayMax > 0) {
            store.computeIfAbsent(loop, LoopDelay::measure);
        }
    }

    /**
     * Whether a request is to be answered. To be called on its loop.
     *
     * @param loop of the client's connection
     */
    public boolean admits(EventExecutor loop, Traffic traffic) {
        return delayMax == 0 || turns(loop).admit(traffic, delayMax, store.values());
    }

    /**
     * Whether there is time for a request whose client sends too many, and which is refused in any case. To be called on its
     * loop.
     *
     * @param loop of the client's connection
     */
    public boolean admitsLimited(EventExecutor loop) {
        return delayMax == 0 || turns(loop).admitLimited(delayMax);
    }

    private Turns turns(EventExecutor loop) {
        return clients.computeIfAbsent(loop, late -> new Turns(LoopDelay.measure(late)));
    }

    /** How long requests wait for their turn on the loop that is the latest. */
    public Duration delay() {
        return Duration.ofNanos(delays().mapToLong(LoopDelay::nanos).max().orElse(0));
    }

    private Stream<LoopDelay> delays() {
        return Stream.concat(clients.values().stream().map(Turns::delay), store.values().stream());
    }

    @Override
    public void close() {
        delays().forEach(LoopDelay::stop);
    }
}
