package io.portcullis.session;

import org.jspecify.annotations.Nullable;

/**
 * A refresh token presented for exchange. Its signature, realm and expiry have been checked; whether it is the newest
 * of its session is the store's to say.
 *
 * @param session the session the token names
 * @param presented the token's generation, not negative
 * @param attempt this request
 * @param policy the realm's
 * @param adopted null for a token minted here; what else is to be known of a backend's
 * @param lost null where a session that the store does not know, and that was opened here, is to stay unknown
 */
public record Rotation(
        SessionRef session,
        long presented,
        AttemptId attempt,
        RealmPolicy policy,
        @Nullable AdoptedToken adopted,
        @Nullable LostSession lost) {
    /** @throws IllegalArgumentException if the generation is negative, or a backend's token is to be of a lost session */
    public Rotation {
        if (presented < 0) {
            throw new IllegalArgumentException("a generation is not negative");
        }
        if (adopted != null && lost != null) {
            throw new IllegalArgumentException("a token is a backend's or was minted here");
        }
    }

    /** Of a session that stays unknown where the store does not know it. */
    public Rotation(
            SessionRef session, long presented, AttemptId attempt, RealmPolicy policy, @Nullable AdoptedToken adopted) {
        this(session, presented, attempt, policy, adopted, null);
    }
}
