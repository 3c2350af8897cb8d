package io.portcullis.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a record answers to the calls that are no rotations. */
public final class RecordAnswers {
    private RecordAnswers() {}

    /** What a session's opening answers, however much later it is asked again. */
    public static Successor firstToken(SessionRecord known, Instant openedAt, RealmPolicy policy) {
        Instant idleEnd = openedAt.plus(policy.idleLifetime());
        return new Successor(0, openedAt, idleEnd.isBefore(known.end()) ? idleEnd : known.end());
    }

    /** Whether the answer to that attempt is still the last thing that happened to the session. */
    public static boolean isNewest(@Nullable SessionRecord known, long generation, AttemptId attempt) {
        return known != null
                && known.revoked() == null
                && known.generation() == generation
                && attempt.equals(known.rotatedBy());
    }

    /** What a request to revoke that session is answered. */
    public static Revocation revocationOf(@Nullable SessionRecord known, RevocationReason reason, AttemptId attempt) {
        if (known == null) {
            return Revocation.UNKNOWN;
        }
        return known.revoked() == null || isSameEnding(known, reason, attempt)
                ? Revocation.REVOKED
                : Revocation.ALREADY_REVOKED;
    }

    /** Whether that attempt is what ended the session. */
    static boolean isSameEnding(SessionRecord known, RevocationReason reason, AttemptId attempt) {
        return known.revoked() == reason && attempt.equals(known.rotatedBy());
    }
}
