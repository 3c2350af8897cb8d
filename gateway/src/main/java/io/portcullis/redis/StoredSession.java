package io.portcullis.redis;

import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionLookup.Missing;
import io.portcullis.session.SessionState;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.Tombstone;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sessions as {@code show_session.lua} and {@code list_sessions.lua} answer them. */
final class StoredSession {
    private static final Comparator<SessionState> NEWEST_FIRST = Comparator.comparing(SessionState::openedAt)
            .reversed()
            .thenComparing(session -> session.id().value());

    private StoredSession() {}

    /** The answer of {@code show_session.lua}. */
    static SessionLookup shown(ScriptAnswer answer, SubjectHash subject) {
        return answer.values().isEmpty() ? new Missing() : new Found(state(answer, answer.list(3), subject));
    }

    /** The answer of {@code list_sessions.lua}. */
    static List<SessionState> listed(ScriptAnswer answer, SubjectHash subject) {
        return answer.list(3).stream()
                .map(one -> state(answer, (List<?>) one, subject))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    private static SessionState state(ScriptAnswer about, List<?> shown, SubjectHash subject) {
        ScriptAnswer record = new ScriptAnswer(shown);
        long generation = record.number(1);
        Instant rotatedAt = record.instant(2);
        Tombstone tombstone = record.text(5).isEmpty()
                ? bySubject(about.text(2), rotatedAt, generation)
                : new Tombstone(reason(record.text(5)), record.instant(6), record.number(7));
        return new SessionState(
                new SessionId(record.text(0), subject),
                about.text(1),
                subject,
                generation,
                record.instant(3),
                rotatedAt,
                record.instant(4),
                tombstone,
                about.instant(0));
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
}
