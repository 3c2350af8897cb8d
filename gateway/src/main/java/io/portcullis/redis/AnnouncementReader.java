package io.portcullis.redis;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.springframework.data.domain.Range;
import org.springframework.data.redis.connection.ReactiveStreamCommands;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.connection.stream.StreamReadOptions;

/**
 * Reads the announcements from the first that Redis has. Where what it reads on from is no longer there, the stream is
 * another: it was deleted, or is that of a server that had not received all of it, or has lost its older entries. Then it may
 * have some that were not read and are placed before that one. Of one thread, which may wait.
 */
final class AnnouncementReader {
    static final int ENTRIES_AT_ONCE = 1000;

    private final ReactiveStreamCommands commands;
    private final ByteBuffer key;
    private final Duration answersWithin;
    private EntryId last = EntryId.NONE;
    private EntryId readFrom = EntryId.NONE;

    AnnouncementReader(ReactiveStreamCommands commands, ByteBuffer key, Duration answersWithin) {
        this.commands = commands;
        this.key = key;
        this.answersWithin = answersWithin;
    }

    /** The newest entry that was read. */
    EntryId last() {
        return last;
    }

    /** The next entries, as soon as there are any; none if there are none within that time. */
    @SuppressWarnings("unchecked") // an array of one offset
    List<StreamEntry> read(Duration heldFor) {
        readFrom = last;
        StreamReadOptions options =
                StreamReadOptions.empty().count(ENTRIES_AT_ONCE).block(heldFor);
        List<StreamEntry> entries = commands.xRead(
                        options, StreamOffset.create(key.duplicate(), ReadOffset.from(readFrom.toString())))
                .map(StreamEntry::of)
                .collectList()
                .block(heldFor.plus(answersWithin));
        if (entries == null || entries.isEmpty()) {
            return List.of();
        }
        last = entries.get(entries.size() - 1).id();
        return entries;
    }

    /** Whether the stream still has the entry behind which was read. */
    boolean isOnTrack() {
        return readFrom.equals(EntryId.NONE)
                || Boolean.TRUE.equals(commands.xRange(key.duplicate(), Range.just(readFrom.toString()))
                        .hasElements()
                        .block(answersWithin));
    }
}
