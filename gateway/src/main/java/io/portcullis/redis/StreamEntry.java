package io.portcullis.redis;

import io.portcullis.session.RevokedSession;
import io.portcullis.session.SessionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.stream.ByteBufferRecord;

/**
 * An announcement as it was read.
 *
 * @param session null if this version of the gateway cannot read it
 */
record StreamEntry(EntryId id, @Nullable RevokedSession session) {
    private static final ByteBuffer SID = StandardCharsets.UTF_8.encode("sid");
    private static final ByteBuffer REALM = StandardCharsets.UTF_8.encode("realm");
    private static final ByteBuffer UNTIL = StandardCharsets.UTF_8.encode("until");

    static StreamEntry of(ByteBufferRecord entry) {
        Map<ByteBuffer, ByteBuffer> fields = entry.getValue();
        return new StreamEntry(EntryId.of(entry), session(fields.get(SID), fields.get(REALM), fields.get(UNTIL)));
    }

    private static @Nullable RevokedSession session(
            @Nullable ByteBuffer sid, @Nullable ByteBuffer realm, @Nullable ByteBuffer until) {
        if (sid == null || realm == null || until == null) {
            return null;
        }
        try {
            Instant end = Instant.ofEpochMilli(Long.parseLong(text(until)));
            return new RevokedSession(new SessionId(text(sid)), text(realm), end);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
