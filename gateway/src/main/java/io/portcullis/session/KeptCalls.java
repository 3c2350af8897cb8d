package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Calls of the store that it did not answer, and that nobody will make again: they are repeated until it does. In memory, and
 * bounded in number and in time: the eldest give way, and what is dropped is counted.
 */
public final class KeptCalls {
    private static final int AT_ONCE = 500;
    private static final int CONCURRENTLY = 8;
    /** So many that are not answered end a round: the store is away, or one of its nodes is that many are for. */
    private static final int NOT_ANSWERED_MAX = 8;

    private static final String REPEATING = KeptCalls.class.getName();

    private record Kept(Object key, Mono<?> call, Instant since) {}

    private final int bound;
    private final Duration keptFor;
    private final Map<Object, Kept> kept = new LinkedHashMap<>();
    private long displaced;
    private long outdated;

    /**
     * None yet.
     *
     * @param bound how many are kept at most, positive
     * @param keptFor how long one is repeated
     */
    public KeptCalls(int bound, Duration keptFor) {
        this.bound = bound;
        this.keptFor = keptFor;
    }

    /**
     * Keeps a call, as the newest.
     *
     * @param key what it goes by; another of that key is replaced
     * @param call which may be made any number of times
     */
    public synchronized void keep(Object key, Mono<?> call, Instant now) {
        kept.remove(key);
        if (kept.size() >= bound) {
            kept.remove(kept.keySet().iterator().next());
            displaced++;
        }
        kept.put(key, new Kept(key, call, now));
    }

    /**
     * Keeps a call no longer.
     *
     * @return whether it was kept
     */
    public synchronized boolean withdraw(Object key) {
        return !kept.isEmpty() && kept.remove(key) != null;
    }

    /** Whether it is one of these calls that is made, and that will be made again if it is not answered. */
    public static boolean isRepeating(ContextView call) {
        return call.hasKey(REPEATING);
    }

    /** Makes the calls; completes when they are answered, or several are not. */
    public Mono<Void> repeat(Instant now) {
        List<Kept> some = some(now);
        AtomicInteger notAnswered = new AtomicInteger();
        return Flux.fromIterable(some)
                .takeWhile(one -> notAnswered.get() < NOT_ANSWERED_MAX)
                .flatMap(this::repeat, CONCURRENTLY)
                .doOnNext(isAnswered -> {
                    if (!isAnswered) {
                        notAnswered.incrementAndGet();
                    }
                })
                .then()
                .contextWrite(context -> context.put(REPEATING, true));
    }

    /** Whether it was answered. */
    private Mono<Boolean> repeat(Kept one) {
        return one.call()
                .then()
                // it does not become readable by asking again
                .onErrorComplete(UnreadableRecordException.class)
                .doOnSuccess(nothing -> answered(one))
                .thenReturn(true)
                .onErrorResume(StoreUnavailableException.class, e -> {
                    notAnswered(one);
                    return Mono.just(false);
                });
    }

    private synchronized List<Kept> some(Instant now) {
        Instant eldest = now.minus(keptFor);
        List<Kept> some = new ArrayList<>();
        Iterator<Kept> calls = kept.values().iterator();
        while (calls.hasNext()) {
            Kept one = calls.next();
            if (one.since().isBefore(eldest)) {
                calls.remove();
                outdated++;
            } else if (some.size() < AT_ONCE) {
                some.add(one);
            }
        }
        return some;
    }

    private synchronized void answered(Kept one) {
        kept.remove(one.key(), one);
    }

    /** Behind the others: it may be the only one that is not answered, of a node that is away or of a record that is broken. */
    private synchronized void notAnswered(Kept one) {
        if (kept.remove(one.key(), one)) {
            kept.put(one.key(), one);
        }
    }

    /** How many are kept. */
    public synchronized int size() {
        return kept.size();
    }

    /** How many had to give way to others. */
    public synchronized long displaced() {
        return displaced;
    }

    /** How many the store did not answer in time. */
    public synchronized long outdated() {
        return outdated;
    }
}
