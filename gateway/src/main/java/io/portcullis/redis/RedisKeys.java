package io.portcullis.redis;

import io.portcullis.session.SessionRef;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The names of the keys. All keys of one subject carry the same hash tag, hence share a slot of a cluster; the tag is a
 * hash of the subject, never the subject.
 */
final class RedisKeys {
    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
    }

    /** The session's record and the index of its subject's sessions, in the order in which the scripts declare them. */
    List<String> of(SessionRef session) {
        String tag = prefix + "{" + hash(session.subject()) + "}:";
        return List.of(tag + "session:" + session.id().value(), tag + "sessions:" + session.realm());
    }

    /** The session's record alone. */
    List<String> recordOf(SessionRef session) {
        return of(session).subList(0, 1);
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
