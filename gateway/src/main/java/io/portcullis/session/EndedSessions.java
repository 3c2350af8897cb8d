package io.portcullis.session;

import java.util.List;
import java.util.stream.Stream;

/**
 * The sessions of a subject, all of which have ended.
 *
 * @param now those that the attempt ended, in no order
 * @param before those that had been ended before it, in no order
 */
public record EndedSessions(List<SessionId> now, List<SessionId> before) {
    public EndedSessions {
        now = List.copyOf(now);
        before = List.copyOf(before);
    }

    public List<SessionId> all() {
        return Stream.concat(now.stream(), before.stream()).toList();
    }
}
