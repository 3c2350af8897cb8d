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

/**
 * Sessions as {@code show_session.lua} and {@code list_sessions.lua} answer them. What is stored:
 *
 * <pre>
 * &lt;prefix&gt;sessions:&lt;subject hash&gt;     hash, the sessions of one subject in one realm
 *     realm     the audience
 *     &lt;name&gt;    the record of the session of that name, the first 22 characters of its id; an array in MessagePack:
 *                 format of the record: 1
 *                 the generation: how often the refresh token was rotated
 *                 when the session was opened, ms
 *                 when the newest token was made, ms after that
 *                 its absolute end, ms after it was opened
 *                 when the last of its access tokens expires, ms after the newest token was made: the backend decided how long
 *                   the login's lives, and those that were minted before a realm's were shortened live longer than the newest
 *                 who made the newest token, or ended the session: the replica, a dot, and the id of the attempt; empty before
 *                   the first rotation
 *                 for an adopted session, the expiry of the backend's token, ms after it was opened; else 0
 *               for one that was revoked, the tombstone:
 *                 why, as a number (sessions.lua) or a word; when, ms after the newest token was made; and by how many generations
 *                   the token that was presented was behind
 *               or 0, 0, 0 and a map of what few have:
 *                 l   1 if the newest token is known not to have reached the client
 *                 h   when the newest token was handed out again last, ms after it was made
 *                 c   the changed claims that the newest token has and the one before has not, a JSON object of sealed values
 *                 s   when the last change was made that the newest token has, ms
 *     room &lt;name&gt;   the sessions that ended so that there was room for that one, as long as its first token is the newest: name
 *               and expiry of the last access token, ms, of each
 *     ended     when all sessions were ended that the subject then had, ms, why, who did it as above, and when another attempt
 *               had done so before, ms, with spaces between
 *     claims    claims that an operator changed, an array in MessagePack of name, when, ms, and value, sealed, in JSON
 *     seen      how many fields there were when sessions that are over were forgotten last, and when, ms
 *     live      where a subject may have only so many sessions, the names of those that may be live, with spaces between
 *   expires a minute after the last token, refresh or access, of the last session has expired: a late one is told from a forged
 *   one. A session that is over a minute is forgotten when the subject opens others
 * &lt;prefix&gt;revocations                    stream, the sessions that were revoked lately: see RevocationStream
 *   expires with the last access token of the last of them
 * &lt;prefix&gt;replicas                       hash, the replicas of the gateway: see sign_of_life.lua; expires 11 min after
 *   the last sign of the last of them
 * </pre>
 *
 * The subject's hash is 22 characters of base64url, and the end of its sessions' ids: a session is found by its id alone. A
 * record has less than 64 bytes as a rule, so that Redis keeps the hash of up to 500 sessions in one piece. There is no token, no
 * secret and no name of anybody in any of it. A gateway that meets a record of a format it does not know says so as an error, not as
 * an unknown session.
 *
 * <p>While a version is rolled out, or back, gateways of both write the same records. So a format only grows: something may be
 * added whose absence means what was before, and which an older gateway may leave as it is; none is taken away or gets
 * another meaning. Where that cannot be, the format is counted up, one release after all gateways can read the new one. The
 * same holds for the notes, the stream's entries, and the claims of refresh tokens.
 */
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
