package io.portcullis.session;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Names one session, which is RFC 9700's token family: 128 random bits as 22 characters of base64url, and 2 that name the
 * partition of its subject ({@link SubjectHash#partition()}), so that a store finds a session by its id alone. Travels as
 * the claim {@code sid} of both tokens.
 *
 * @param value 24 characters of base64url
 */
public record SessionId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{24}");
    private static final int BYTES = 16;
    private static final int PARTITION_START = 22;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** @throws IllegalArgumentException if the value is not 24 characters of base64url */
    public SessionId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a session id is 24 characters of base64url");
        }
    }

    /** A new session of that subject. */
    public static SessionId random(String subject) {
        byte[] bits = new byte[BYTES];
        RANDOM.nextBytes(bits);
        return of(bits, subject);
    }

    /**
     * The session of that subject that those bits name.
     *
     * @param bits 128
     * @throws IllegalArgumentException if there are fewer or more
     */
    public static SessionId of(byte[] bits, String subject) {
        if (bits.length != BYTES) {
            throw new IllegalArgumentException("a session is named by 128 bits");
        }
        String name = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        return new SessionId(name + SubjectHash.of(subject).partition());
    }

    public static boolean isValid(String value) {
        return SHAPE.matcher(value).matches();
    }

    /** Whether a session of that subject may have this id. */
    public boolean mayBeOf(String subject) {
        return partition().equals(SubjectHash.of(subject).partition());
    }

    /** 2 characters of base64url. */
    public String partition() {
        return value.substring(PARTITION_START);
    }

    @Override
    public String toString() {
        return value;
    }
}
