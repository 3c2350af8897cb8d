package io.portcullis.operations;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.portcullis.session.Reuse;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counters and timers of what happens to sessions. The tags are a realm and a word of a closed set; every combination is
 * there from the start, at 0, and counting is a look into a map of enums.
 */
public final class SessionMetrics {
    /** The realm of a token that does not say so believably. */
    static final String NO_REALM = "none";

    static final String ALL_REVOKED = "all_revoked";
    static final String UNAVAILABLE = "unavailable";

    private static final Set<RefreshResult> WITH_REALM =
            EnumSet.range(RefreshResult.ROTATED, RefreshResult.UNAVAILABLE);
    private static final Set<RefreshResult> WITHOUT_REALM =
            EnumSet.complementOf(EnumSet.range(RefreshResult.ROTATED, RefreshResult.UNKNOWN));

    static {
        // also said of a token whose realm was not looked up
        WITHOUT_REALM.add(RefreshResult.EXPIRED);
    }

    private final Map<String, OfRealm> realms = new HashMap<>();
    private final Map<RefreshResult, Timer> rejected;

    /** What is counted in one realm. */
    private record OfRealm(
            Map<RefreshResult, Timer> refreshes,
            Map<Reuse.Kind, Counter> reuses,
            Map<Reuse.Kind, Counter> reported,
            Counter opened,
            Map<Untouched, Counter> untouched,
            Map<String, Counter> ended,
            Map<String, Counter> revoked,
            Counter endedUnread,
            Counter claimsUnopened,
            Counter undelivered) {}

    /** @param realms the names of all */
    public SessionMetrics(MeterRegistry registry, Set<String> realms) {
        realms.forEach(realm -> this.realms.put(realm, ofRealm(registry, realm)));
        this.rejected = each(RefreshResult.class, WITHOUT_REALM, result -> refreshes(registry, NO_REALM, result));
    }

    private static OfRealm ofRealm(MeterRegistry registry, String realm) {
        Map<String, Counter> ended = new HashMap<>();
        Stream.concat(Stream.of(Revocation.values()).map(SessionMetrics::word), Stream.of(ALL_REVOKED, UNAVAILABLE))
                .forEach(outcome -> ended.put(
                        outcome, registry.counter("portcullis.sessions.ended", "realm", realm, "outcome", outcome)));
        Map<String, Counter> revoked = new HashMap<>();
        Stream.of(RevocationReason.values())
                .map(SessionMetrics::word)
                .forEach(reason -> revoked.put(
                        reason, registry.counter("portcullis.sessions.revoked", "realm", realm, "reason", reason)));
        return new OfRealm(
                each(RefreshResult.class, WITH_REALM, result -> refreshes(registry, realm, result)),
                each(
                        Reuse.Kind.class,
                        EnumSet.allOf(Reuse.Kind.class),
                        kind -> reuses(registry, realm, kind, "revoke")),
                each(
                        Reuse.Kind.class,
                        EnumSet.allOf(Reuse.Kind.class),
                        kind -> reuses(registry, realm, kind, "report")),
                registry.counter("portcullis.sessions.opened", "realm", realm),
                each(
                        Untouched.class,
                        EnumSet.allOf(Untouched.class),
                        reason -> registry.counter(
                                "portcullis.answers.untouched", "realm", realm, "reason", word(reason))),
                ended,
                revoked,
                registry.counter("portcullis.endings.unread", "realm", realm),
                registry.counter("portcullis.claims.unopened", "realm", realm),
                registry.counter("portcullis.undelivered", "realm", realm));
    }

    private static Timer refreshes(MeterRegistry registry, String realm, RefreshResult result) {
        return registry.timer("portcullis.refreshes", "realm", realm, "outcome", result.word());
    }

    private static Counter reuses(MeterRegistry registry, String realm, Reuse.Kind kind, String action) {
        return registry.counter("portcullis.reuses", "realm", realm, "kind", word(kind), "action", action);
    }

    private static <E extends Enum<E>, M> Map<E, M> each(Class<E> type, Set<E> words, Function<E, M> meter) {
        Map<E, M> meters = new EnumMap<>(type);
        words.forEach(word -> meters.put(word, meter.apply(word)));
        return meters;
    }

    void refreshed(String realm, RefreshResult result, Duration elapsed) {
        record(of(realm).refreshes().get(result), elapsed);
    }

    void rejected(RefreshResult result, Duration elapsed) {
        record(rejected.get(result), elapsed);
    }

    void reused(String realm, Reuse.Kind kind, boolean isReported) {
        OfRealm meters = of(realm);
        increment((isReported ? meters.reported() : meters.reuses()).get(kind), 1);
        if (!isReported) {
            increment(meters.revoked().get(word(RevocationReason.REUSE)), 1);
        }
    }

    void opened(String realm) {
        of(realm).opened().increment();
    }

    void untouched(String realm, Untouched reason) {
        increment(of(realm).untouched().get(reason), 1);
    }

    /** A session was to be ended: whatever came of it. Not counted where its realm is not configured any more. */
    void ended(String realm, String outcome) {
        OfRealm meters = realms.get(realm);
        increment(meters == null ? null : meters.ended().get(outcome), 1);
    }

    /** Sessions were revoked. Not counted where their realm is not configured any more. */
    void revoked(String realm, String reason, long sessions) {
        OfRealm meters = realms.get(realm);
        increment(meters == null ? null : meters.revoked().get(reason), (double) sessions);
    }

    void endedUnread(String realm) {
        of(realm).endedUnread().increment();
    }

    void claimsUnopened(String realm, int claims) {
        of(realm).claimsUnopened().increment(claims);
    }

    void undelivered(String realm) {
        of(realm).undelivered().increment();
    }

    private OfRealm of(String realm) {
        OfRealm meters = realms.get(realm);
        if (meters == null) {
            throw new IllegalArgumentException("no realm of that name");
        }
        return meters;
    }

    private static void record(@Nullable Timer timer, Duration elapsed) {
        if (timer != null) {
            timer.record(elapsed);
        }
    }

    private static void increment(@Nullable Counter counter, double amount) {
        if (counter != null) {
            counter.increment(amount);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
