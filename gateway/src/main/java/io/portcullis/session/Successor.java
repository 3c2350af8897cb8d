package io.portcullis.session;

import java.time.Instant;

/**
 * What a session's newest refresh token must say. The same facts give the same token, so a repeated answer repeats it.
 *
 * @param generation how many times the session's refresh token was rotated
 * @param issuedAt the store's time of that rotation, in milliseconds
 * @param expiresAt when the token expires: the idle lifetime after {@code issuedAt}, at most the session's end
 */
public record Successor(long generation, Instant issuedAt, Instant expiresAt) {}
