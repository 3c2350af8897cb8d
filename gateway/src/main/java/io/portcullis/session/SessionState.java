package io.portcullis.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A session as an operator sees it.
 *
 * @param realm the audience
 * @param subject whose it is, hashed
 * @param generation how many times the refresh token was rotated
 * @param openedAt when it was opened or adopted
 * @param rotatedAt when the newest refresh token was made
 * @param end the absolute end
 * @param tombstone how it ended before its time; null if it did not
 * @param asOf the store's time at which all this was so
 */
public record SessionState(
        SessionId id,
        String realm,
        SubjectHash subject,
        long generation,
        Instant openedAt,
        Instant rotatedAt,
        Instant end,
        @Nullable Tombstone tombstone,
        Instant asOf) {

    /** When the newest refresh token expires. */
    public Instant expiresAt(RealmPolicy policy) {
        Instant idleEnd = rotatedAt.plus(policy.idleLifetime());
        return idleEnd.isBefore(end) ? idleEnd : end;
    }

    /** Whether its newest refresh token still gives new tokens. */
    public boolean isLive(RealmPolicy policy) {
        return tombstone == null && asOf.isBefore(expiresAt(policy));
    }
}
