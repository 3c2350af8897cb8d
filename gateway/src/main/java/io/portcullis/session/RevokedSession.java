package io.portcullis.session;

import java.time.Instant;

/**
 * A session that was revoked while access tokens of it may still live.
 *
 * @param id the session
 * @param realm its audience
 * @param until the time after which no access token of it can live, by the store's clock; in milliseconds
 */
public record RevokedSession(SessionId id, String realm, Instant until) {}
