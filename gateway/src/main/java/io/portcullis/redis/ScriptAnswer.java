package io.portcullis.redis;

import io.portcullis.session.ChangedClaims;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.ClaimsChange.Changed;
import io.portcullis.session.ClaimsChange.TooMany;
import io.portcullis.session.Revocation;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.Successor;
import java.time.Instant;
import java.util.List;

/** What a script answered: a word, and what the script's header lists. */
record ScriptAnswer(List<?> values) {

    String word() {
        return (String) values.get(0);
    }

    long number(int index) {
        return (Long) values.get(index);
    }

    /** Whether it says when it was, as its fifth value. */
    boolean tellsTheTime() {
        return values.size() > 4;
    }

    /** Whether it has a {@link #successor}. */
    boolean isGrant() {
        return values.size() == 7;
    }

    Successor successor(SubjectHash subject) {
        String changed = text(5);
        return new Successor(
                number(1),
                instant(2),
                instant(3),
                changed.isEmpty() ? ChangedClaims.NONE : new ChangedClaims(changed),
                EndedSession.ids(ended(subject)));
    }

    /** The sessions that ended so that there was room for this one; where a token is granted. */
    List<EndedSession> ended(SubjectHash subject) {
        return text(6).isEmpty() ? List.of() : EndedSession.listed(List.of(text(6).split(" ")), subject);
    }

    /** Of {@code rotate_session.lua}. */
    RotationOutcome outcome(Rotation rotation) {
        SubjectHash subject = rotation.session().subjectHash();
        long presented = rotation.presented();
        return switch (word()) {
            case "rotated" -> new Rotated(successor(subject), RotationCause.FIRST_USE);
            case "repeated" -> new Rotated(successor(subject), RotationCause.REPEATED_ATTEMPT);
            case "redelivered" -> new Rotated(successor(subject), RotationCause.UNDELIVERED);
            case "healed" -> new Rotated(successor(subject), RotationCause.HEALED);
            case "recovered" -> new Rotated(successor(subject), RotationCause.RECOVERED);
            case "adopted" -> new Rotated(successor(subject), RotationCause.ADOPTED);
            case "replayed" -> new Replayed(successor(subject));
            case "reported" -> new Reported(successor(subject), presented, instant(4));
            case "reused" -> new Reused(presented, number(1), instant(2), instant(4));
            case "revoked", "ended" -> new Revoked();
            case "expired" -> new Expired();
            case "unknown" -> new Unknown();
            default -> throw new IllegalStateException("rotate_session.lua answered '" + word() + "'");
        };
    }

    /** Of {@code revoke_session.lua}. */
    Revocation revocation() {
        return switch (word()) {
            case "revoked" -> Revocation.REVOKED;
            case "already" -> Revocation.ALREADY_REVOKED;
            case "unknown" -> Revocation.UNKNOWN;
            default -> throw new IllegalStateException("revoke_session.lua answered '" + word() + "'");
        };
    }

    /** Of {@code change_claims.lua}. */
    ClaimsChange change() {
        return switch (word()) {
            case "changed" -> new Changed(instant(1));
            case "many" -> new TooMany();
            default -> throw new IllegalStateException("change_claims.lua answered '" + word() + "'");
        };
    }

    String text(int index) {
        return (String) values.get(index);
    }

    List<?> list(int index) {
        return (List<?>) values.get(index);
    }

    Instant instant(int index) {
        return Instant.ofEpochMilli(number(index));
    }
}
