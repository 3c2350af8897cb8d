package io.portcullis.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is kept of a session, whatever its age: constant in size, and without a token, a secret or personal data.
 *
 * @param realm the audience
 * @param subject whose it is, hashed
 * @param generation how many times the refresh token was rotated
 * @param rotatedAt when that was, or when the session was opened; in milliseconds
 * @param rotatedBy the attempt that did it, or that ended the session; null before the first rotation
 * @param end the absolute end, in milliseconds
 * @param undelivered whether the newest token is known not to have reached the client
 * @param keepUntil the time until which a session must be remembered that was adopted, or may have been; null for one opened here
 * @param revoked the tombstone: why the session ended; null while it lives
 */
public record SessionRecord(
        String realm,
        SubjectHash subject,
        long generation,
        Instant rotatedAt,
        @Nullable AttemptId rotatedBy,
        Instant end,
        boolean undelivered,
        @Nullable Instant keepUntil,
        @Nullable RevocationReason revoked) {

    /** The record of a session that opens now. */
    public static SessionRecord opened(Opening opening, Instant now) {
        Instant end = now.plus(opening.policy().absoluteLifetime());
        return new SessionRecord(
                opening.session().realm(), opening.session().subjectHash(), 0, now, null, end, false, null, null);
    }

    /** When the newest refresh token expires. */
    public Instant expiresAt(RealmPolicy policy) {
        Instant idleEnd = rotatedAt.plus(policy.idleLifetime());
        return idleEnd.isBefore(end) ? idleEnd : end;
    }

    /** What the newest refresh token says. */
    public Successor newest(RealmPolicy policy) {
        return new Successor(generation, rotatedAt, expiresAt(policy));
    }

    /** This record after {@code attempt} made {@code nextGeneration}. */
    SessionRecord rotated(long nextGeneration, AttemptId attempt, Instant now) {
        return new SessionRecord(realm, subject, nextGeneration, now, attempt, end, false, keepUntil, null);
    }

    /** This record after its newest token was handed out once more, to {@code attempt}. */
    SessionRecord redelivered(AttemptId attempt) {
        return new SessionRecord(realm, subject, generation, rotatedAt, attempt, end, false, keepUntil, null);
    }

    /** This record once its newest token is known not to have arrived. */
    public SessionRecord markedUndelivered() {
        return new SessionRecord(realm, subject, generation, rotatedAt, rotatedBy, end, true, keepUntil, revoked);
    }

    /** This record as a tombstone that the reuse by {@code attempt} left. */
    SessionRecord reused(AttemptId attempt) {
        return new SessionRecord(
                realm, subject, generation, rotatedAt, attempt, end, undelivered, keepUntil, RevocationReason.REUSE);
    }

    /** This record as a tombstone that {@code attempt} left; null where another session's opening did. */
    public SessionRecord revoked(RevocationReason reason, @Nullable AttemptId attempt) {
        AttemptId by = attempt == null ? rotatedBy : attempt;
        return new SessionRecord(realm, subject, generation, rotatedAt, by, end, undelivered, keepUntil, reason);
    }
}
