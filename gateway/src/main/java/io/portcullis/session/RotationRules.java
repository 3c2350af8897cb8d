package io.portcullis.session;

import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rules of rotation (RFC 9700, 4.14.2), without side effects: what is known of a session and what was presented
 * give an outcome and what is known afterwards. {@code redis/rotate_session.lua} decides the same, in one step where the
 * record is; tests hold the two together. The order of the rules matters.
 */
public final class RotationRules {
    private RotationRules() {}

    /**
     * What a rule says.
     *
     * @param outcome what the client is told
     * @param next what is known of the session from now on; the record that was given where nothing changes
     */
    public record Decision(
            RotationOutcome outcome, @Nullable SessionRecord next) {}

    /** Applies the rules to a session of a subject whose sessions were never ended all at once. */
    public static Decision decide(@Nullable SessionRecord known, Rotation rotation, Instant now) {
        return decide(known, null, rotation, now);
    }

    /**
     * Applies the rules.
     *
     * @param known the session's record, or null if there is none
     * @param subjectEnded when all sessions were ended that the subject then had, or null if they never were
     * @param now the store's time
     */
    public static Decision decide(
            @Nullable SessionRecord known, @Nullable Instant subjectEnded, Rotation rotation, Instant now) {
        RealmPolicy policy = rotation.policy();
        if (known == null) {
            return decideUnknown(rotation, subjectEnded, now);
        }
        boolean replaced = rotation.presented() < known.generation();
        if (known.revoked() == RevocationReason.REUSE
                && replaced
                && rotation.attempt().equals(known.rotatedBy())) {
            // the attempt that was the reuse reached the store twice
            return new Decision(reused(known, rotation, now), known);
        }
        // nothing is rotated after the end, so the last rotation tells as well as the opening
        boolean ended = subjectEnded != null && !known.rotatedAt().isAfter(subjectEnded);
        if (known.revoked() != null || ended) {
            return new Decision(new Revoked(), known);
        }
        if (!now.isBefore(known.expiresAt(policy))) {
            return new Decision(new Expired(), known);
        }
        if (rotation.presented() == known.generation()) {
            return rotate(known, rotation, RotationCause.FIRST_USE, now);
        }
        if (rotation.presented() > known.generation()) {
            return rotate(known, rotation, RotationCause.HEALED, now);
        }
        if (rotation.presented() == known.generation() - 1) {
            if (rotation.attempt().equals(known.rotatedBy())) {
                SessionRecord next = known.redelivered(rotation.attempt());
                return new Decision(new Rotated(next.newest(policy), RotationCause.REPEATED_ATTEMPT), next);
            }
            if (known.undelivered()) {
                SessionRecord next = known.redelivered(rotation.attempt());
                return new Decision(new Rotated(next.newest(policy), RotationCause.UNDELIVERED), next);
            }
            if (now.isBefore(known.rotatedAt().plus(policy.reuseGrace()))) {
                return new Decision(new Replayed(known.newest(policy)), known);
            }
        }
        if (policy.reuseAction() == ReuseAction.REPORT) {
            return new Decision(new Reported(known.newest(policy), rotation.presented(), now), known);
        }
        return new Decision(reused(known, rotation, now), known.reused(rotation.attempt()));
    }

    private static Reused reused(SessionRecord known, Rotation rotation, Instant now) {
        return new Reused(rotation.presented(), known.generation(), known.rotatedAt(), now);
    }

    private static Decision decideUnknown(Rotation rotation, @Nullable Instant subjectEnded, Instant now) {
        AdoptedToken adopted = rotation.adopted();
        if (adopted != null) {
            boolean ended = subjectEnded != null && !adopted.isIssuedAfter(subjectEnded);
            return ended
                    ? new Decision(new Revoked(), null)
                    : begin(rotation, RotationCause.ADOPTED, now, adopted.until(), now);
        }
        LostSession lost = rotation.lost();
        if (lost == null) {
            return new Decision(new Unknown(), null);
        }
        if (subjectEnded != null && !lost.isIssuedAfter(subjectEnded)) {
            return new Decision(new Revoked(), null);
        }
        Instant end = lost.openedAt().plus(rotation.policy().absoluteLifetime());
        return now.isBefore(end)
                // if it had been adopted, for how long that must be remembered is lost too
                ? begin(rotation, RotationCause.RECOVERED, lost.openedAt(), end, now)
                : new Decision(new Expired(), null);
    }

    private static Decision begin(
            Rotation rotation, RotationCause cause, Instant openedAt, Instant keepUntil, Instant now) {
        RealmPolicy policy = rotation.policy();
        SessionRecord begun = new SessionRecord(
                rotation.session().realm(),
                rotation.session().subjectHash(),
                rotation.presented() + 1,
                now,
                rotation.attempt(),
                openedAt.plus(policy.absoluteLifetime()),
                false,
                keepUntil,
                null);
        return new Decision(new Rotated(begun.newest(policy), cause), begun);
    }

    private static Decision rotate(SessionRecord known, Rotation rotation, RotationCause cause, Instant now) {
        SessionRecord next = known.rotated(rotation.presented() + 1, rotation.attempt(), now);
        return new Decision(new Rotated(next.newest(rotation.policy()), cause), next);
    }
}
