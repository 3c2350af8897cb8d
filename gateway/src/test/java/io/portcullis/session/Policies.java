package io.portcullis.session;

import java.time.Duration;

/** Realm policies for tests. Lifetimes are hours where time must not matter, and a few milliseconds where it must. */
public final class Policies {
    public static final Duration IDLE = Duration.ofHours(1);
    public static final Duration ABSOLUTE = Duration.ofHours(24);
    private static final Duration ACCESS = Duration.ofMinutes(5);

    private Policies() {}

    /** The published contract: a second use revokes. */
    public static RealmPolicy strict() {
        return of(Duration.ZERO, ReuseAction.REVOKE);
    }

    public static RealmPolicy withGrace(Duration grace) {
        return of(grace, ReuseAction.REVOKE);
    }

    public static RealmPolicy reporting() {
        return of(Duration.ZERO, ReuseAction.REPORT);
    }

    public static RealmPolicy of(Duration grace, ReuseAction action) {
        return new RealmPolicy(ACCESS, IDLE, ABSOLUTE, grace, action, 0);
    }

    /** A strict policy with those lifetimes. */
    public static RealmPolicy lasting(Duration idle, Duration absolute) {
        return new RealmPolicy(ACCESS, idle, absolute, Duration.ZERO, ReuseAction.REVOKE, 0);
    }

    /** That policy with a limit to a subject's sessions. */
    public static RealmPolicy limited(RealmPolicy policy, int maxSessions) {
        return new RealmPolicy(
                policy.accessTokenLifetime(),
                policy.idleLifetime(),
                policy.absoluteLifetime(),
                policy.reuseGrace(),
                policy.reuseAction(),
                maxSessions);
    }

    /** That policy with access tokens of that life. */
    public static RealmPolicy withAccessTokens(RealmPolicy policy, Duration lifetime) {
        return new RealmPolicy(
                lifetime,
                policy.idleLifetime(),
                policy.absoluteLifetime(),
                policy.reuseGrace(),
                policy.reuseAction(),
                policy.maxSessions());
    }
}
