package io.portcullis.redis;

import java.util.List;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Events for whoever reads the stream {@code <prefix>events}: each entry has one field, {@code event}, which is JSON. The
 * stream has a length that it hardly exceeds, and expires a month after its last entry.
 */
public final class EventStream {
    private static final Script APPEND = Script.load(ReturnType.VALUE, "append_event");

    private final ScriptRunner scripts;
    private final String key;
    private final int length;

    /**
     * A stream over those scripts' connection.
     *
     * @param keyPrefix the start of every key's name
     * @param length how many entries are kept, or a few more
     */
    public EventStream(ScriptRunner scripts, String keyPrefix, int length) {
        this.scripts = scripts;
        this.key = keyPrefix + "events";
        this.length = length;
    }

    /** Completes when Redis has it. */
    public Mono<Void> append(String event) {
        return scripts.run(APPEND, List.of(key), List.of(Integer.toString(length), event))
                .then();
    }
}
