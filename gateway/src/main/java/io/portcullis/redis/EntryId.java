package io.portcullis.redis;

import org.springframework.data.redis.connection.stream.ByteBufferRecord;
import org.springframework.data.redis.connection.stream.RecordId;

/**
 * Where an entry stands in a stream.
 *
 * @param millis Redis' time when it was added
 * @param sequence among those of that millisecond
 */
record EntryId(long millis, long sequence) {
    /** Before every entry. */
    static final EntryId NONE = new EntryId(0, 0);

    static EntryId of(ByteBufferRecord entry) {
        RecordId id = entry.getId();
        return new EntryId(
                id.getTimestamp() == null ? 0 : id.getTimestamp(), id.getSequence() == null ? 0 : id.getSequence());
    }

    boolean isAfter(EntryId other) {
        return millis > other.millis || (millis == other.millis && sequence > other.sequence);
    }

    @Override
    public String toString() {
        return millis + "-" + sequence;
    }
}
