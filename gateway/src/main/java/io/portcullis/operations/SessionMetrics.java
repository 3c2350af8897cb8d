package io.portcullis.operations;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/** Counters and timers of what happens to sessions; the tags are {@code realm} and {@code outcome} or {@code reason}. */
public final class SessionMetrics {
    /** The realm of a token that does not say so believably. */
    public static final String NO_REALM = "none";

    private final MeterRegistry registry;

    public SessionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * A refresh was answered: {@code portcullis.refreshes}.
     *
     * @param outcome one of a closed set of words, e.g. {@code rotated}
     * @param elapsed from the complete request to the decision
     */
    public void refreshed(String realm, String outcome, Duration elapsed) {
        registry.timer("portcullis.refreshes", "realm", realm, "outcome", outcome)
                .record(elapsed);
    }

    /** A login answer left with our tokens in it: {@code portcullis.sessions.opened}. */
    public void opened(String realm) {
        registry.counter("portcullis.sessions.opened", "realm", realm).increment();
    }

    /** A login answer passed as it was: {@code portcullis.answers.untouched}. */
    public void untouched(String realm, Enum<?> reason) {
        registry.counter("portcullis.answers.untouched", "realm", realm, "reason", word(reason))
                .increment();
    }

    /** A session was to be ended by a route: {@code portcullis.sessions.ended}. */
    public void ended(String realm, String outcome) {
        registry.counter("portcullis.sessions.ended", "realm", realm, "outcome", outcome)
                .increment();
    }

    /** Sessions were ended on a condition that could not be read from the request: {@code portcullis.endings.unread}. */
    public void endedUnread(String realm) {
        registry.counter("portcullis.endings.unread", "realm", realm).increment();
    }

    /** A successor was noted as not delivered: {@code portcullis.undelivered}. */
    public void undelivered(String realm) {
        registry.counter("portcullis.undelivered", "realm", realm).increment();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
