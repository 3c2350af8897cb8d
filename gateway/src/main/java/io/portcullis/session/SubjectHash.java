package io.portcullis.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * What a store may know of a subject: the first 128 bits of the SHA-256 of its name.
 *
 * @param value 22 characters of base64url
 */
public record SubjectHash(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{22}");
    private static final int PARTITION_LENGTH = 2;

    /** @throws IllegalArgumentException if the value is not 22 characters of base64url */
    public SubjectHash {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("the hash of a subject is 22 characters of base64url");
        }
    }

    public static SubjectHash of(String subject) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(subject.getBytes(StandardCharsets.UTF_8));
            return new SubjectHash(Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }

    /** Which of 4,096 partitions all of the subject's sessions are in: the first 12 bits. */
    public String partition() {
        return value.substring(0, PARTITION_LENGTH);
    }

    @Override
    public String toString() {
        return value;
    }
}
