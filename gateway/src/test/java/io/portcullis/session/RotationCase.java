package io.portcullis.session;

import io.portcullis.session.RotationRules.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that can be known of a session, and a token presented then: {@link #all()} are their combinations. */
record RotationCase(SessionRecord known, Rotation rotation, Instant now) {
    static final Instant ROTATED_AT = Instant.parse("2026-05-04T10:00:00Z");
    static final Instant END = ROTATED_AT.plus(Policies.ABSOLUTE);
    static final AttemptId SAME = new AttemptId("same");
    static final AttemptId OTHER = new AttemptId("other");
    private static final SessionId ID = SessionId.random("app", "ada");
    private static final SubjectHash SUBJECT = SubjectHash.of("app", "ada");
    static final long CURRENT = 3;

    Decision decision() {
        return RotationRules.decide(known, rotation, now);
    }

    boolean isRevoked() {
        return known.revoked() != null;
    }

    boolean isExpired() {
        return !now.isBefore(known.expiresAt(rotation.policy()));
    }

    boolean presentsTheTokenBefore() {
        return rotation.presented() == known.generation() - 1;
    }

    Successor newest() {
        return known.newest(rotation.policy());
    }

    boolean isTheReuseAgain() {
        return known.revoked() == RevocationReason.REUSE
                && rotation.presented() < CURRENT
                && rotation.attempt().equals(SAME);
    }

    boolean isLive() {
        return !isRevoked() && !isExpired();
    }

    static List<RotationCase> all() {
        List<RotationCase> cases = new ArrayList<>();
        for (SessionRecord known : records()) {
            for (Rotation rotation : rotations()) {
                for (Duration age : List.of(Duration.ZERO, Duration.ofMinutes(2), Policies.IDLE, Policies.ABSOLUTE)) {
                    cases.add(new RotationCase(known, rotation, ROTATED_AT.plus(age)));
                }
            }
        }
        return cases;
    }

    private static List<SessionRecord> records() {
        List<SessionRecord> records = new ArrayList<>();
        for (boolean undelivered : new boolean[] {false, true}) {
            for (@Nullable
            RevocationReason revoked :
                    new @Nullable RevocationReason[] {null, RevocationReason.REUSE, RevocationReason.LOGOUT}) {
                for (@Nullable Instant keepUntil : new @Nullable Instant[] {null, END.plusSeconds(1)}) {
                    records.add(new SessionRecord(
                            "app", SUBJECT, CURRENT, ROTATED_AT, SAME, END, undelivered, keepUntil, revoked));
                }
            }
        }
        return records;
    }

    private static List<Rotation> rotations() {
        List<Rotation> rotations = new ArrayList<>();
        SessionRef session = new SessionRef("app", "ada", ID);
        for (long presented = 0; presented <= CURRENT + 2; presented++) {
            for (AttemptId attempt : List.of(SAME, OTHER)) {
                for (ReuseAction action : ReuseAction.values()) {
                    for (Duration grace : List.of(Duration.ZERO, Duration.ofMinutes(2), Duration.ofHours(2))) {
                        rotations.add(new Rotation(session, presented, attempt, Policies.of(grace, action), null));
                    }
                }
            }
        }
        return rotations;
    }
}
