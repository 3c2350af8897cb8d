package io.portcullis.session;

import java.util.Base64;

/**
 * Names one session, which is RFC 9700's token family: 128 random bits as 22 characters of base64url, its {@link #name()}
 * among those of its subject, and the subject's hash, so that a store finds a session by its id alone and a token that names
 * another's is told without asking it. Travels as the claim {@code sid} of both tokens.
 *
 * @param value 44 characters of base64url
 */
public record SessionId(String value) {
    private static final int BYTES = 16;
    private static final int NAME_LENGTH = 22;
    private static final int LENGTH = 44;

    /** @throws IllegalArgumentException if the value is not 44 characters of base64url */
    public SessionId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a session id is 44 characters of base64url");
        }
    }

    /**
     * The session of that name.
     *
     * @param name 22 characters of base64url
     * @throws IllegalArgumentException if it is anything else
     */
    public SessionId(String name, SubjectHash subject) {
        this(name + subject.value());
    }

    /** A new session of that subject. */
    public static SessionId random(String realm, String subject) {
        return of(RandomBits.next(BYTES), realm, subject);
    }

    /**
     * The session of that subject that those bits name.
     *
     * @param bits 128
     * @throws IllegalArgumentException if there are fewer or more
     */
    public static SessionId of(byte[] bits, String realm, String subject) {
        if (bits.length != BYTES) {
            throw new IllegalArgumentException("a session is named by 128 bits");
        }
        return new SessionId(
                Base64.getUrlEncoder().withoutPadding().encodeToString(bits), SubjectHash.of(realm, subject));
    }

    public static boolean isValid(String value) {
        return UrlSafe.isText(value, LENGTH);
    }

    /** Whether it names a session of that subject in that realm. */
    public boolean isOf(String realm, String subject) {
        return value.endsWith(SubjectHash.of(realm, subject).value());
    }

    /** 22 characters of base64url. */
    public String name() {
        return value.substring(0, NAME_LENGTH);
    }

    /** Whose session it is. */
    public SubjectHash subject() {
        return new SubjectHash(value.substring(NAME_LENGTH));
    }

    @Override
    public String toString() {
        return value;
    }
}
