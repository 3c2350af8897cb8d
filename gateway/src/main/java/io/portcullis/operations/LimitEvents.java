package io.portcullis.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** What the operator is told of limited refreshes: anybody may cause any number of them, so the counters are the news. */
public final class LimitEvents {
    private final Map<Kind, Counter> limited = new EnumMap<>(Kind.class);
    private final Map<Kind, Counter> shared = new EnumMap<>(Kind.class);
    private final InstantSource clock;

    /** What has a limit. */
    public enum Kind {
        ADDRESS,
        SESSION;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public LimitEvents(MeterRegistry registry, InstantSource clock) {
        for (Kind kind : Kind.values()) {
            limited.put(kind, registry.counter("portcullis.limited", "kind", kind.word()));
            shared.put(kind, registry.counter("portcullis.limited.shared", "kind", kind.word()));
        }
        this.clock = clock;
    }

    /** A refresh request was one too many. */
    public void limited(Kind kind, Supplier<@Nullable InetAddress> client) {
        increment(limited.get(kind));
        if (!EventLog.prints(Level.DEBUG)) {
            return;
        }
        InetAddress address = client.get();
        SessionEvent event = new SessionEvent(
                SessionEvent.newId(),
                clock.instant(),
                "refresh.limited",
                SessionMetrics.NO_REALM,
                null,
                null,
                Map.of("kind", kind.word()),
                address == null ? null : address.getHostAddress());
        EventLog.print(Level.DEBUG, "Refresh refused, too many requests", event);
    }

    /** A request was counted together with those of others, for want of room. */
    public void shared(Kind kind) {
        increment(shared.get(kind));
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) {
            counter.increment();
        }
    }
}
