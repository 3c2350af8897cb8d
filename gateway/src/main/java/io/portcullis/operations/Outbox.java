package io.portcullis.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.resources.LoopResources;
import reactor.util.retry.Retry;

/**
 * Events on their way to one consumer, at least once each: they wait in memory, up to a bound, and are sent again until the
 * consumer has taken them or it is too late. What is dropped is counted. Whoever puts an event in does not wait.
 */
public final class Outbox {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);
    /** How soon an event is sent again once the process is about to end. */
    private static final Duration IN_HASTE = Duration.ofMillis(200);

    private static final double JITTER = 0.5;

    private final String consumer;
    private final int capacity;
    private final int concurrency;
    private final Patience patience;
    private final Function<SessionEvent, Mono<Void>> delivery;

    private final Queue<SessionEvent> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger underway = new AtomicInteger();
    private final AtomicInteger rounds = new AtomicInteger();
    private final Sinks.Empty<Void> closing = Sinks.empty();
    private final Sinks.Empty<Void> drained = Sinks.empty();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private volatile boolean isClosing;

    private final Counter delivered;
    private final Counter full;
    private final Counter late;
    private final Counter lost;

    /**
     * How an event is sent again.
     *
     * @param firstPause before the second sending; later ones double, with jitter
     * @param longestPause which no pause exceeds, but for its jitter
     * @param giveUpAfter the time from the first sending after which it is dropped
     */
    record Patience(Duration firstPause, Duration longestPause, Duration giveUpAfter) {}

    /**
     * An empty outbox.
     *
     * @param consumer its name in metrics and the log
     * @param capacity how many events may wait or be on their way
     * @param concurrency how many may be on their way at once
     * @param delivery sends an event once; completes when it was taken
     */
    Outbox(
            String consumer,
            int capacity,
            int concurrency,
            Patience patience,
            Function<SessionEvent, Mono<Void>> delivery,
            MeterRegistry registry) {
        this.consumer = consumer;
        this.capacity = capacity;
        this.concurrency = concurrency;
        this.patience = patience;
        this.delivery = delivery;
        this.delivered = registry.counter("portcullis.events.delivered", "consumer", consumer);
        this.full = dropped(registry, "full");
        this.late = dropped(registry, "late");
        this.lost = dropped(registry, "shutdown");
        Gauge.builder("portcullis.events.pending", pending, AtomicInteger::get)
                .tag("consumer", consumer)
                .register(registry);
    }

    /**
     * An outbox whose events are posted, all that is known of them.
     *
     * @param secret at least 32 bytes
     * @param timeout how long one post may take
     */
    public static Outbox toWebhook(
            URI uri,
            byte[] secret,
            Duration timeout,
            Duration giveUpAfter,
            int capacity,
            int concurrency,
            LoopResources loops,
            InstantSource clock,
            MeterRegistry registry) {
        Webhook webhook = new Webhook(uri, secret, timeout, concurrency, loops, clock);
        Patience patience = new Patience(Duration.ofSeconds(1), Duration.ofSeconds(30), giveUpAfter);
        return new Outbox("webhook", capacity, concurrency, patience, webhook::post, registry);
    }

    /**
     * An outbox whose events are kept, and so without the client's address and the operator's name.
     *
     * @param append takes an event as JSON, once
     */
    public static Outbox toStream(int capacity, Function<String, Mono<Void>> append, MeterRegistry registry) {
        Patience patience = new Patience(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofMinutes(1));
        return new Outbox(
                "stream",
                capacity,
                4,
                patience,
                event -> append.apply(event.withoutPersons().json()),
                registry);
    }

    private Counter dropped(MeterRegistry registry, String reason) {
        return registry.counter("portcullis.events.dropped", "consumer", consumer, "reason", reason);
    }

    void offer(SessionEvent event) {
        if (pending.incrementAndGet() > capacity) {
            pending.decrementAndGet();
            full.increment();
            return;
        }
        waiting.add(event);
        send();
    }

    /**
     * Hurries, and completes when nothing is left.
     *
     * @param within after that time what is left is dropped
     */
    public Mono<Void> close(Duration within) {
        isClosing = true;
        closing.tryEmitEmpty();
        if (pending.get() == 0) {
            drained.tryEmitEmpty();
        }
        return drained.asMono().timeout(within).onErrorResume(TimeoutException.class, e -> {
            int left = pending.get();
            closed.tryEmitEmpty();
            lost.increment(left);
            log.warn("{} events were not delivered to the {} before the end", left, consumer);
            return Mono.empty();
        });
    }

    /** One caller at a time goes round; the others leave it a mark that there is more to do. */
    private void send() {
        if (rounds.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            while (underway.get() < concurrency) {
                SessionEvent event = waiting.poll();
                if (event == null) {
                    break;
                }
                underway.incrementAndGet();
                deliver(event)
                        .doFinally(signal -> left())
                        .subscribe(taken -> delivered.increment(), e -> giveUp(event, e));
            }
            seen = rounds.addAndGet(-seen);
        } while (seen != 0);
    }

    private Mono<Boolean> deliver(SessionEvent event) {
        Mono<Boolean> sending = Mono.defer(() -> delivery.apply(event)).thenReturn(true);
        Mono<Boolean> patiently = sending.retryWhen(Retry.backoff(Long.MAX_VALUE, patience.firstPause())
                        .maxBackoff(patience.longestPause())
                        .jitter(JITTER)
                        .doBeforeRetry(again -> log.debug(
                                "Event {} is not taken by the {}: {}",
                                event.id(),
                                consumer,
                                again.failure().toString())))
                .timeout(patience.giveUpAfter());
        Mono<Boolean> inHaste = sending.retryWhen(Retry.fixedDelay(Long.MAX_VALUE, IN_HASTE));
        return patiently.takeUntilOther(closing.asMono()).switchIfEmpty(inHaste.takeUntilOther(closed.asMono()));
    }

    private void giveUp(SessionEvent event, Throwable failure) {
        late.increment();
        log.warn("Event {} was not delivered to the {} and is dropped: {}", event.id(), consumer, failure.toString());
    }

    private void left() {
        underway.decrementAndGet();
        if (pending.decrementAndGet() == 0 && isClosing) {
            drained.tryEmitEmpty();
        }
        send();
    }
}
