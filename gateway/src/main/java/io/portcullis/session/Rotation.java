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
 */
public record Rotation(
        SessionRef session,
        long presented,
        AttemptId attempt,
        RealmPolicy policy,
        @Nullable AdoptedToken adopted) {
    /** @throws IllegalArgumentException if the generation is negative */
    public Rotation {
        if (presented < 0) {
            throw new IllegalArgumentException("a generation is not negative");
        }
    }
}
