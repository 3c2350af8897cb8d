package io.portcullis.token;

import io.portcullis.session.SessionId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What verifying an access token of a backend gave. */
public sealed interface AccessTokenCheck {

    /**
     * One of the realm's keys verifies it, and it has not expired.
     *
     * @param subject {@code sub}, else {@code id}
     * @param template what later access tokens of the session have in common with it
     * @param claims all claims but {@code sid}, a JSON object
     * @param expiresAt {@code exp}; null if it does not expire
     * @param session {@code sid}; null in a token that the gateway has not had in its hands
     */
    record Verified(
            String subject,
            AccessTemplate template,
            String claims,
            @Nullable Instant expiresAt,
            @Nullable SessionId session)
            implements AccessTokenCheck {
        @Override
        public String toString() {
            return "Verified";
        }
    }

    /** It is to be left alone. */
    enum Unverified implements AccessTokenCheck {
        /** Not a signed JWT, or one with header members that must be understood and are not. */
        MALFORMED,
        /** None of the realm's keys verifies it. */
        SIGNATURE,
        /** Its {@code exp} is over, or its {@code nbf} is to come. */
        EXPIRED,
        /** It names no subject. */
        NO_SUBJECT
    }
}
