package io.portcullis.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A login to be recorded: the session starts at generation 0.
 *
 * @param session a session id that was never used before
 * @param policy the realm's
 * @param accessTokenEnd when the login's own access token expires, which its backend decided; null if it never does
 */
public record Opening(
        SessionRef session, RealmPolicy policy, @Nullable Instant accessTokenEnd) {}
