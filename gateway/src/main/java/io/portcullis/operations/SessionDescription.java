package io.portcullis.operations;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.SessionState;
import io.portcullis.session.Tombstone;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A session in the endpoint's JSON.
 *
 * @param subject hashed
 * @param expiresAt when its newest refresh token expires
 * @param end its absolute end
 * @param status {@code live}, {@code revoked} or {@code expired}
 * @param revoked how it ended; left out where it did not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SessionDescription(
        String id,
        String realm,
        String subject,
        long generation,
        Instant openedAt,
        Instant rotatedAt,
        Instant expiresAt,
        Instant end,
        String status,
        @Nullable Revoked revoked) {

    /**
     * How a session ended before its time.
     *
     * @param presented the generation of the token that was presented then; without one, the session's
     */
    record Revoked(String reason, Instant at, long presented) {}

    /** @param policy its realm's; null for a realm that is not configured any more, where nobody refreshes */
    static SessionDescription of(SessionState session, @Nullable RealmPolicy policy) {
        Tombstone tombstone = session.tombstone();
        return new SessionDescription(
                session.id().value(),
                session.realm(),
                session.subject().value(),
                session.generation(),
                session.openedAt(),
                session.rotatedAt(),
                policy == null ? session.end() : session.expiresAt(policy),
                session.end(),
                status(session, policy),
                tombstone == null
                        ? null
                        : new Revoked(EventTeller.word(tombstone.reason()), tombstone.at(), tombstone.presented()));
    }

    private static String status(SessionState session, @Nullable RealmPolicy policy) {
        if (session.tombstone() != null) {
            return "revoked";
        }
        return policy != null && session.isLive(policy) ? "live" : "expired";
    }
}
