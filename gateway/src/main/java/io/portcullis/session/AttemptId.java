package io.portcullis.session;

import java.util.Base64;

/**
 * Names one request of one client, to refresh or to revoke, however often it is sent to the store: it answers a repeated attempt
 * with what it answered first. 96 random bits as 16 characters of base64url.
 *
 * @param value not blank
 */
public record AttemptId(String value) {
    /** @throws IllegalArgumentException if the value is blank */
    public AttemptId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("an attempt id is not blank");
        }
    }

    public static AttemptId random() {
        return new AttemptId(Base64.getUrlEncoder().withoutPadding().encodeToString(RandomBits.next(12)));
    }
}
