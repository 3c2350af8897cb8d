package io.portcullis.session;

import java.time.Instant;
import java.util.List;

/**
 * What a session's newest refresh token must say. The same facts give the same token, so a repeated answer repeats it.
 *
 * @param generation how many times the session's refresh token was rotated
 * @param issuedAt the store's time of that rotation, in milliseconds
 * @param expiresAt when the token expires: the idle lifetime after {@code issuedAt}, at most the session's end
 * @param changed the claims in which its access tokens differ from those of the token that was presented
 * @param ended the sessions of its subject that ended so that there was room for its own, the oldest first
 */
public record Successor(
        long generation, Instant issuedAt, Instant expiresAt, ChangedClaims changed, List<SessionId> ended) {
    public Successor {
        ended = List.copyOf(ended);
    }

    /** With the claims of the token that was presented; no session ended. */
    public Successor(long generation, Instant issuedAt, Instant expiresAt) {
        this(generation, issuedAt, expiresAt, ChangedClaims.NONE, List.of());
    }
}
