package io.portcullis.redis;

import io.portcullis.session.SessionRef;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The names of the keys. All keys of one subject carry the same hash tag, hence share a slot of a cluster; the tag is a
 * hash of the subject, never the subject.
 */
final class RedisKeys {
    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
    }

    /** The session's record. */
    String session(SessionRef session) {
        return tagged(session.subject()) + "session:" + session.id().value();
    }

    /** The index of a subject's sessions in a realm. */
    String sessions(String realm, String subject) {
        return tagged(subject) + "sessions:" + realm;
    }

    /** The end of all sessions that a subject had in a realm. */
    String ended(String realm, String subject) {
        return tagged(subject) + "ended:" + realm;
    }

    private String tagged(String subject) {
        return prefix + "{" + hash(subject) + "}:";
    }

    /** 22 characters of base64url: the first 128 bits of SHA-256. */
    private static String hash(String subject) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(subject.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }
}
