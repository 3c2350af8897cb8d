package io.portcullis.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What a store may know of a backend's refresh token: the first 128 bits of a SHA-256. They name the session that it opens
 * too, once its subject is known.
 *
 * @param value 22 characters of base64url
 */
public record TokenHash(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{22}");
    private static final int BYTES = 16;

    /** @throws IllegalArgumentException if the value is not 22 characters of base64url */
    public TokenHash {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("the hash of a token is 22 characters of base64url");
        }
    }

    public static TokenHash of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new TokenHash(Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }

    /** The session of that subject that the token opens. */
    public SessionId session(String realm, String subject) {
        return SessionId.of(Base64.getUrlDecoder().decode(value), realm, subject);
    }

    @Override
    public String toString() {
        return value;
    }
}
