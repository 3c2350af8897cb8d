package io.portcullis.session;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Names one session, which is RFC 9700's token family: 128 random bits as 22 characters of base64url. Travels as the
 * claim {@code sid} of both tokens.
 *
 * @param value 22 characters of base64url
 */
public record SessionId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{22}");
    private static final SecureRandom RANDOM = new SecureRandom();

    /** @throws IllegalArgumentException if the value is not 22 characters of base64url */
    public SessionId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a session id is 22 characters of base64url");
        }
    }

    public static SessionId random() {
        byte[] bits = new byte[16];
        RANDOM.nextBytes(bits);
        return new SessionId(Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
    }

    public static boolean isValid(String value) {
        return SHAPE.matcher(value).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
