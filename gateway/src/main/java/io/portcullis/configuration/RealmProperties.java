package io.portcullis.configuration;

import io.portcullis.session.RealmPolicy;
import io.portcullis.session.ReuseAction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One realm: an audience with its own keys, lifetimes and policy.
 *
 * @param accessTokenKeys a JWK Set file: the keys that the realm's backends sign and verify access tokens with; the first signs, all verify
 * @param refreshTokenKeys a JWK Set file: the gateway's own keys; the first signs, all verify
 * @param accessTokenLifetime the life of an access token and the `expiresIn` of a refresh answer; whole seconds
 * @param idleLifetime the life of a refresh token: a session without a refresh for so long ends
 * @param absoluteLifetime the life of a session, however often it is refreshed
 * @param maxSessions how many live sessions a subject may have: when another opens the oldest ends; 0 is any number
 * @param reuse what happens when a used refresh token comes back
 * @param adoption refresh tokens that the backends minted before the gateway stood in front of them
 */
public record RealmProperties(
        @Nullable Path accessTokenKeys,
        @Nullable Path refreshTokenKeys,
        @DefaultValue("30m") Duration accessTokenLifetime,
        @DefaultValue("14d") Duration idleLifetime,
        @DefaultValue("90d") Duration absoluteLifetime,
        @DefaultValue("0") int maxSessions,
        @DefaultValue ReuseProperties reuse,
        @DefaultValue AdoptionProperties adoption) {

    /**
     * Reuse.
     *
     * @param grace how long after its first use a token may come back and get the same successor, as long as that was not used; 0 is never
     * @param action `revoke` ends the session, `report` only says so (shadow mode)
     */
    public record ReuseProperties(
            @DefaultValue("0s") Duration grace,
            @DefaultValue("revoke") ReuseAction action) {}

    /**
     * Adoption.
     *
     * @param mode `off`, `verify`: a token whose signature and claims hold is exchanged once, and opens a session; or `backend`: the same for one that the backends exchange
     * @param keys for `verify`, a JWK Set file: the keys with which the backends signed refresh tokens
     * @param requiredClaims by name, `*` is any value; for `verify` what a refresh token says and an access token does not, for `backend` what the realm's access tokens say
     */
    public record AdoptionProperties(
            @DefaultValue("off") Mode mode,
            @Nullable Path keys,
            @DefaultValue Map<String, String> requiredClaims) {

        /** How a token is judged that is not the gateway's. */
        public enum Mode {
            /** It is refused. */
            OFF,
            /** By its signature and its claims. */
            VERIFY,
            /** By the backends. */
            BACKEND
        }
    }

    /** The policy; its lifetimes have been checked. */
    public RealmPolicy policy() {
        return new RealmPolicy(
                accessTokenLifetime, idleLifetime, absoluteLifetime, reuse.grace(), reuse.action(), maxSessions);
    }
}
