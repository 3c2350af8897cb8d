package io.portcullis.session;

import java.time.Duration;

/**
 * How long a realm's tokens and sessions live and how strict it is about reuse.
 *
 * @param accessTokenLifetime the life of an access token; whole seconds
 * @param idleLifetime the life of a refresh token, hence how long a session may go without a refresh
 * @param absoluteLifetime the life of a session, which no rotation moves
 * @param reuseGrace how long after its first use a token may be presented again and get the same successor; 0 is never
 * @param reuseAction what happens on reuse
 * @param maxSessions how many live sessions a subject may have: when another opens the oldest ends; 0 is any number
 */
public record RealmPolicy(
        Duration accessTokenLifetime,
        Duration idleLifetime,
        Duration absoluteLifetime,
        Duration reuseGrace,
        ReuseAction reuseAction,
        int maxSessions) {

    /** @throws IllegalArgumentException if a lifetime is not positive or the grace or the number of sessions negative */
    public RealmPolicy {
        if (!isPositive(accessTokenLifetime) || !isPositive(idleLifetime) || !isPositive(absoluteLifetime)) {
            throw new IllegalArgumentException("lifetimes are positive");
        }
        if (reuseGrace.isNegative()) {
            throw new IllegalArgumentException("reuse grace is not negative");
        }
        if (maxSessions < 0) {
            throw new IllegalArgumentException("a number of sessions is not negative");
        }
    }

    private static boolean isPositive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }
}
