package io.portcullis.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a store may know of a subject in a realm: the first 128 bits of the SHA-256 of the realm's name, a zero byte, and the
 * subject's. In another realm the same subject has another.
 *
 * @param value 22 characters of base64url
 */
public record SubjectHash(String value) {
    private static final int LENGTH = 22;
    /** To look for one takes longer than to use it. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(SubjectHash::sha256);

    /** @throws IllegalArgumentException if the value is not 22 characters of base64url */
    public SubjectHash {
        if (!UrlSafe.isText(value, LENGTH)) {
            throw new IllegalArgumentException("the hash of a subject is 22 characters of base64url");
        }
    }

    public static SubjectHash of(String realm, String subject) {
        byte[] named = (realm + '\0' + subject).getBytes(StandardCharsets.UTF_8);
        byte[] digest = SHA_256.get().digest(named);
        return new SubjectHash(Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
