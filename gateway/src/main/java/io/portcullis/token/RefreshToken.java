package io.portcullis.token;

import io.portcullis.session.SessionRef;
import java.time.Instant;

/**
 * What a refresh token of ours says.
 *
 * @param session whose it is: {@code aud} (the realm), {@code sub} and {@code sid}
 * @param generation {@code gen}: how many times the session's refresh token was rotated before this one
 * @param issuedAt {@code iat}; whole seconds in the token
 * @param expiresAt {@code exp}; whole seconds in the token
 * @param authTime {@code auth_time} (OpenID Connect Core, 2): when the session was opened
 * @param access what the session's access tokens have in common: {@code access_header} and {@code access_claims}
 */
public record RefreshToken(
        SessionRef session,
        long generation,
        Instant issuedAt,
        Instant expiresAt,
        Instant authTime,
        AccessTemplate access) {
    /** @throws IllegalArgumentException if the generation is negative */
    public RefreshToken {
        if (generation < 0) {
            throw new IllegalArgumentException("a generation is not negative");
        }
    }
}
