package io.portcullis.token;

import org.jspecify.annotations.Nullable;

/**
 * The keys of one realm, by their purpose. No key has two.
 *
 * @param accessTokens shared with the realm's backends, or published to them
 * @param refreshTokens the gateway's own
 * @param adoption with which the backends signed refresh tokens; null where none are adopted by their signature
 */
public record RealmKeys(
        JwsKeys accessTokens,
        JwsKeys refreshTokens,
        @Nullable JwsKeys adoption) {}
