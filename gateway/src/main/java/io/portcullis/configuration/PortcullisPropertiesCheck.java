package io.portcullis.configuration;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.util.unit.DataSize;

/** What must be true of everything under {@code portcullis}. */
final class PortcullisPropertiesCheck {
    private static final String PREFIX = "portcullis";
    private static final String REALM = "[a-z][a-z0-9-]{0,31}";
    /** Longer than anybody means; milliseconds of it are exact in Lua's numbers. */
    private static final Duration LONGEST = Duration.ofDays(3650);
    /** Bodies up to the limit are held in memory. */
    private static final DataSize LARGEST = DataSize.ofMegabytes(64);

    /** Of events half a kilobyte each, in memory or in Redis. */
    private static final int MOST = 1_000_000;

    /** A script looks at all of them when another opens. */
    private static final int MOST_SESSIONS = 1_000;

    /** Spring's own default; a phase that takes longer is not waited for. */
    private static final Duration SHUTDOWN_PHASE = Duration.ofSeconds(30);

    private static final Duration ANSWERED_WITHIN = Duration.ofMillis(2500);

    private static final Duration POLLED_AT_MOST_EVERY = Duration.ofMillis(100);
    private static final Duration POLLED_AT_LEAST_EVERY = Duration.ofHours(1);

    private final Binder binder;
    private final PropertyLookup lookup;

    PortcullisPropertiesCheck(Binder binder, PropertyLookup lookup) {
        this.binder = binder;
        this.lookup = lookup;
    }

    void check(List<String> problems) {
        PortcullisProperties properties = new PropertiesBinding(binder, lookup).bind(problems);
        positive(problems, "refresh.body-limit", properties.refresh().bodyLimit());
        positive(problems, "open-session.body-limit", properties.openSession().bodyLimit());
        positive(problems, "end-session.body-limit", properties.endSession().bodyLimit());
        positive(problems, "end-session.patience", properties.endSession().patience());
        positive(problems, "refresh.body-timeout", properties.refresh().bodyTimeout());
        properties
                .refresh()
                .limit()
                .check((property, problem) -> problems.add(name("refresh.limit." + property) + ": " + problem));
        Duration pollInterval = properties.keys().pollInterval();
        if (pollInterval.compareTo(POLLED_AT_MOST_EVERY) < 0 || pollInterval.compareTo(POLLED_AT_LEAST_EVERY) > 0) {
            problems.add(name("keys.poll-interval") + ": is not between " + POLLED_AT_MOST_EVERY.toMillis() + "ms and "
                    + POLLED_AT_LEAST_EVERY.toHours() + "h");
        }
        positive(problems, "store.budget", properties.store().budget());
        positive(problems, "store.command-timeout", properties.store().commandTimeout());
        if (properties.store().budget().compareTo(ANSWERED_WITHIN) > 0) {
            problems.add(name("store.budget") + ": is longer than " + ANSWERED_WITHIN.toMillis()
                    + "ms, and clients give up after 3 s");
        }
        if (properties.store().commandTimeout().compareTo(properties.store().budget()) > 0) {
            problems.add(name("store.command-timeout") + ": is longer than the whole budget, portcullis.store.budget");
        }
        Instant recoverBefore = properties.store().recoverBefore();
        if (recoverBefore != null && recoverBefore.isAfter(Instant.now())) {
            problems.add(name("store.recover-before") + ": is not past; what Redis loses later would come back too");
        }
        if (properties.clockSkew().isNegative() || properties.clockSkew().compareTo(Duration.ofMinutes(1)) > 0) {
            // the store forgets a session a minute after its last token
            problems.add(name("clock-skew") + ": is not between 0s and 1m");
        }
        if (properties.issuer().isBlank()) {
            problems.add(name("issuer") + ": is blank");
        }
        properties
                .revocation()
                .check((property, problem) -> problems.add(name("revocation." + property) + ": " + problem));
        positive(problems, "connections.idle-timeout", properties.connections().idleTimeout());
        positive(problems, "connections.head-timeout", properties.connections().headTimeout());
        between(problems, "connections.max", properties.connections().max(), 0);
        checkDrainTime(problems, properties.connections().drainTime());
        Duration delayMax = properties.overload().delayMax();
        if (!delayMax.isZero()) {
            positive(problems, "overload.delay-max", delayMax);
            if (delayMax.compareTo(ANSWERED_WITHIN) > 0) {
                problems.add(name("overload.delay-max") + ": is longer than " + ANSWERED_WITHIN.toMillis()
                        + "ms, and clients give up after 3 s; 0s is never");
            }
        }
        properties.forwarded().check(name("forwarded.trusted-proxies"), problems);
        between(problems, "events.stream-length", properties.events().streamLength(), 0);
        between(problems, "events.queue-size", properties.events().queueSize(), 1);
        positive(problems, "events.flush-timeout", properties.events().flushTimeout());
        positive(problems, "webhook.timeout", properties.webhook().timeout());
        positive(problems, "webhook.give-up-after", properties.webhook().giveUpAfter());
        properties.webhook().check(property -> name("webhook." + property), problems);
        properties.tracing().check(property -> name("tracing." + property), problems);
        properties.cors().problems().forEach(problem -> problems.add(in("cors.", problem)));
        properties
                .operators()
                .problems(lookup.value("management.server.ssl.client-auth"))
                .forEach(problem -> problems.add(in("operators.", problem)));
        if (properties.realms().isEmpty()) {
            problems.add("portcullis.realms: is empty; without a realm there is nothing to refresh");
        }
        Map<String, RealmProperties> realms = new TreeMap<>(properties.realms());
        realms.keySet().stream()
                .filter(realm -> !realm.matches(REALM))
                .forEach(realm -> problems.add("portcullis.realms." + realm
                        + ": a realm's name is lower-case letters, digits and dashes, at most 32"));
        realms.keySet().removeIf(realm -> !realm.matches(REALM));
        realms.forEach((realm, values) -> checkLifetimes(problems, realm, values));
        RealmKeyFiles.read(realms).check(lookup, realms, problems);
        positive(problems, "adoption.timeout", properties.adoption().timeout());
        positive(problems, "adoption.body-limit", properties.adoption().bodyLimit());
        new BackendAdoptionCheck(lookup, problems).check(properties.adoption(), properties.leaving(), realms);
    }

    private void checkLifetimes(List<String> problems, String realm, RealmProperties values) {
        String prefix = "realms." + realm + ".";
        positive(problems, prefix + "access-token-lifetime", values.accessTokenLifetime());
        positive(problems, prefix + "idle-lifetime", values.idleLifetime());
        positive(problems, prefix + "absolute-lifetime", values.absoluteLifetime());
        if (values.accessTokenLifetime().toNanosPart() != 0) {
            problems.add(name(prefix + "access-token-lifetime") + ": is not a number of whole seconds");
        }
        if (values.accessTokenLifetime().compareTo(values.absoluteLifetime()) > 0) {
            problems.add(name(prefix + "access-token-lifetime") + ": is longer than the session's absolute-lifetime");
        }
        if (values.idleLifetime().compareTo(values.absoluteLifetime()) > 0) {
            problems.add(name(prefix + "idle-lifetime") + ": is longer than the session's absolute-lifetime");
        }
        if (values.maxSessions() < 0 || values.maxSessions() > MOST_SESSIONS) {
            problems.add(name(prefix + "max-sessions") + ": is not between 0 and " + MOST_SESSIONS);
        }
        Duration grace = values.reuse().grace();
        if (grace.isNegative() || grace.compareTo(values.idleLifetime()) >= 0) {
            problems.add(name(prefix + "reuse.grace") + ": is negative, or not shorter than idle-lifetime");
        }
    }

    private void checkDrainTime(List<String> problems, Duration drainTime) {
        Duration phase = binder.bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
                .orElse(SHUTDOWN_PHASE);
        if (drainTime.isNegative() || drainTime.compareTo(phase) >= 0) {
            problems.add(name("connections.drain-time")
                    + ": is negative, or not shorter than spring.lifecycle.timeout-per-shutdown-phase");
        }
    }

    private void positive(List<String> problems, String property, Duration value) {
        if (value.isNegative() || value.isZero()) {
            problems.add(name(property) + ": is not positive");
        } else if (value.compareTo(LONGEST) > 0) {
            problems.add(name(property) + ": is longer than " + LONGEST.toDays() + " days");
        } else if (value.toNanosPart() % 1_000_000 != 0) {
            problems.add(name(property) + ": is not a number of whole milliseconds");
        }
    }

    private void positive(List<String> problems, String property, DataSize value) {
        if (value.toBytes() <= 0) {
            problems.add(name(property) + ": is not positive");
        } else if (value.compareTo(LARGEST) > 0) {
            problems.add(name(property) + ": is larger than " + LARGEST.toMegabytes() + "MB");
        }
    }

    private void between(List<String> problems, String property, int value, int least) {
        if (value < least || value > MOST) {
            problems.add(name(property) + ": is not between " + least + " and " + MOST);
        }
    }

    private String in(String group, String problem) {
        int colon = problem.indexOf(':');
        return name(group + problem.substring(0, colon)) + problem.substring(colon);
    }

    private String name(String property) {
        return lookup.named(PREFIX + "." + property);
    }
}
