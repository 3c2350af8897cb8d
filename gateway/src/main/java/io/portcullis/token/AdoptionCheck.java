package io.portcullis.token;

import io.portcullis.session.SessionId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What verifying a refresh token gave that is not the gateway's. */
public sealed interface AdoptionCheck {

    /**
     * A backend of the realm minted it as a refresh token.
     *
     * @param subject {@code sub}, else {@code id}
     * @param session derived from the token: whoever presents the same token names the same session
     * @param access what the session's access tokens are to have in common
     * @param issuedAt {@code iat}; null in a token that does not say
     * @param expiresAt {@code exp}; null in a token that does not say
     */
    record Adoptable(
            String subject,
            SessionId session,
            AccessTemplate access,
            @Nullable Instant issuedAt,
            @Nullable Instant expiresAt)
            implements AdoptionCheck {
        @Override
        public String toString() {
            return "Adoptable";
        }
    }

    /** Nothing to adopt. */
    record Unadoptable() implements AdoptionCheck {}
}
