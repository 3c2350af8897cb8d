package io.portcullis.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.portcullis.session.RevokedSessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What the operator sees of revocation at the edge. */
public final class RevocationMetrics {
    private static final String REFUSED = "portcullis.revocation.refused";
    private static final String LOST = "portcullis.revocation.lost";

    private final Map<String, Counter> refused = new HashMap<>();
    private final Counter refusedElsewhere;
    private final Counter refusedUnknown;
    private final Timer lag;

    /**
     * Registers the meters: {@code portcullis.revocation.known}, how many revoked sessions this replica knows;
     * {@code .complete}, 1 if it knows all that were announced until a moment ago, else 0; {@code .lost} by {@code reason},
     * revocations that it may not know; {@code .interruptions}, how often it ceased to follow them; {@code .restored}, how
     * many it wrote again since Redis had lost them; {@code .lag}, from an announcement to its being known here.
     *
     * @param realms the names of all
     * @param unknownAfter how long a moment is
     */
    public RevocationMetrics(
            MeterRegistry registry,
            Set<String> realms,
            RevokedSessions revoked,
            Duration unknownAfter,
            InstantSource clock) {
        realms.forEach(realm -> refused.put(realm, counter(registry, realm, "revoked")));
        this.refusedElsewhere = counter(registry, SessionMetrics.NO_REALM, "revoked");
        this.refusedUnknown = counter(registry, SessionMetrics.NO_REALM, "unknown");
        this.lag = Timer.builder("portcullis.revocation.lag")
                .serviceLevelObjectives(
                        Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(10))
                .register(registry);
        Gauge.builder("portcullis.revocation.known", revoked, RevokedSessions::size)
                .register(registry);
        Gauge.builder(
                        "portcullis.revocation.complete",
                        revoked,
                        known -> known.isComplete(clock.instant(), unknownAfter) ? 1 : 0)
                .register(registry);
        FunctionCounter.builder("portcullis.revocation.interruptions", revoked, RevokedSessions::interruptions)
                .register(registry);
        FunctionCounter.builder("portcullis.revocation.restored", revoked, RevokedSessions::restorations)
                .register(registry);
        FunctionCounter.builder(LOST, revoked, RevokedSessions::evictions)
                .tag("reason", "evicted")
                .register(registry);
        FunctionCounter.builder(LOST, revoked, RevokedSessions::misses)
                .tag("reason", "trimmed")
                .register(registry);
    }

    /**
     * A request was turned away, its session being revoked: {@code portcullis.revocation.refused}.
     *
     * @param realm as it was announced, perhaps by a replica that has other realms
     */
    public void refused(String realm) {
        refused.getOrDefault(realm, refusedElsewhere).increment();
    }

    /** A request was turned away, since this replica does not know whether its session is revoked. */
    public void refusedUnknown() {
        refusedUnknown.increment();
    }

    /** A revocation that another replica may have announced is known here. */
    public void lag(Duration since) {
        lag.record(since);
    }

    private static Counter counter(MeterRegistry registry, String realm, String reason) {
        return registry.counter(REFUSED, "realm", realm, "reason", reason);
    }
}
