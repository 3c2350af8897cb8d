package io.portcullis.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.limit.Overload;
import io.portcullis.limit.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.event.Level;

/** What the operator is told of overload: the counters say how much of it there is, and a line now and then that there is. */
public final class OverloadEvents {
    private static final Duration TOLD_AGAIN_AFTER = Duration.ofMinutes(1);

    private final Map<Traffic, Counter> shed = new EnumMap<>(Traffic.class);
    private final AtomicReference<Instant> toldAgainAt = new AtomicReference<>(Instant.MIN);
    private final Overload overload;
    private final InstantSource clock;

    public OverloadEvents(Overload overload, MeterRegistry registry, InstantSource clock) {
        for (Traffic traffic : Traffic.values()) {
            shed.put(traffic, registry.counter("portcullis.overload.shed", "kind", traffic.word()));
        }
        Gauge.builder(
                        "portcullis.overload.delay",
                        overload,
                        late -> late.delay().toNanos() / 1e9)
                .baseUnit("seconds")
                .register(registry);
        this.overload = overload;
        this.clock = clock;
    }

    /** A request was turned away. */
    public void shed(Traffic traffic) {
        Counter counter = shed.get(traffic);
        if (counter != null) {
            counter.increment();
        }
        Instant now = clock.instant();
        Instant silentUntil = toldAgainAt.get();
        if (now.isBefore(silentUntil) || !toldAgainAt.compareAndSet(silentUntil, now.plus(TOLD_AGAIN_AFTER))) {
            return;
        }
        SessionEvent event = new SessionEvent(
                SessionEvent.newId(),
                now,
                "gateway.overloaded",
                SessionMetrics.NO_REALM,
                null,
                null,
                Map.of("kind", traffic.word(), "delay_ms", overload.delay().toMillis()),
                null);
        EventLog.print(Level.WARN, "Overloaded, requests are answered with 503", event);
    }
}
