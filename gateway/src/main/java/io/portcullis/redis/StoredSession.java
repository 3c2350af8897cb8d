package io.portcullis.redis;

import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionState;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.Tombstone;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A session as {@code show_session.lua} and {@code list_sessions.lua} answer it. */
final class StoredSession {
    private static final Comparator<SessionState> NEWEST_FIRST = Comparator.comparing(SessionState::openedAt)
            .reversed()
            .thenComparing(session -> session.id().value());

    private StoredSession() {}

    /** The answer of {@code show_session.lua} for a session that it knows. */
    static SessionState shown(SessionId id, List<?> answer) {
        return state(id, answer.subList(2, answer.size()), text(answer, 1), instant(answer, 0));
    }

    /** The answer of {@code list_sessions.lua} that lists. */
    static List<SessionState> listed(List<?> answer) {
        Instant now = instant(answer, 1);
        String ended = text(answer, 2);
        return answer.stream()
                .skip(3)
                .map(List.class::cast)
                .map(one -> state(new SessionId(text(one, 0)), one.subList(1, one.size()), ended, now))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    private static SessionState state(SessionId id, List<?> record, String subjectEnded, Instant now) {
        long generation = number(record, 2);
        Instant rotatedAt = instant(record, 3);
        Tombstone tombstone = text(record, 6).isEmpty()
                ? bySubject(subjectEnded, rotatedAt, generation)
                : new Tombstone(reason(text(record, 6)), instant(record, 7), number(record, 8));
        return new SessionState(
                id,
                text(record, 0),
                new SubjectHash(text(record, 1)),
                generation,
                instant(record, 4),
                rotatedAt,
                instant(record, 5),
                tombstone,
                now);
    }

    /** The tombstone that the end of all sessions of a subject is for one of them; null for one opened later. */
    private static @Nullable Tombstone bySubject(String ended, Instant rotatedAt, long generation) {
        if (ended.isEmpty()) {
            return null;
        }
        String[] words = ended.split(" ", 3);
        Instant at = Instant.ofEpochMilli(Long.parseLong(words[0]));
        return rotatedAt.isAfter(at) ? null : new Tombstone(reason(words[1]), at, generation);
    }

    private static RevocationReason reason(String word) {
        try {
            return RevocationReason.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            // written by another version of the gateway
            return RevocationReason.OTHER;
        }
    }

    private static Instant instant(List<?> answer, int index) {
        return Instant.ofEpochMilli(number(answer, index));
    }

    private static long number(List<?> answer, int index) {
        return Long.parseLong(text(answer, index));
    }

    private static String text(List<?> answer, int index) {
        return (String) answer.get(index);
    }
}
