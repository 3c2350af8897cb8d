package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import io.portcullis.session.RotationRules.Decision;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The table of the rules, row by row and in its order. What beats what is in {@link RotationRulesPrecedenceTest}. */
class RotationRulesTest {
    private static final Instant NOW = Instant.parse("2026-05-04T10:00:00.123Z");
    private static final Instant ROTATED_AT = NOW.minusSeconds(600);
    private static final Instant END = NOW.plus(Duration.ofHours(20));
    private static final AttemptId FIRST = new AttemptId("first-attempt");
    private static final AttemptId SECOND = new AttemptId("second-attempt");
    private static final SessionRef SESSION = new SessionRef("app", "ada", SessionId.random("app", "ada"));
    private static final RealmPolicy STRICT = Policies.strict();
    private static final RealmPolicy FORGIVING = Policies.withGrace(Duration.ofMinutes(15));

    private static final SubjectHash SUBJECT = SESSION.subjectHash();

    /** Rotated to generation 5 ten minutes ago, by the first attempt. */
    private static final SessionRecord KNOWN =
            new SessionRecord("app", SUBJECT, 5, ROTATED_AT, FIRST, END, false, null, null);

    private static final Successor SUCCESSOR = new Successor(5, ROTATED_AT, ROTATED_AT.plus(Policies.IDLE));

    @Test
    void sessionWithoutRecordIsUnknown() {
        Decision decision = RotationRules.decide(null, presenting(5, SECOND, STRICT), NOW);

        assertThat(decision).isEqualTo(new Decision(new Unknown(), null));
    }

    @Test
    void backendTokenWithoutRecordIsAdopted() {
        Instant tokenExpires = NOW.plus(Duration.ofDays(40));
        Rotation rotation = new Rotation(SESSION, 3, SECOND, STRICT, new AdoptedToken(tokenExpires, null));

        Decision decision = RotationRules.decide(null, rotation, NOW);

        Successor successor = new Successor(4, NOW, NOW.plus(Policies.IDLE));
        assertThat(decision)
                .isEqualTo(new Decision(
                        new Rotated(successor, RotationCause.ADOPTED),
                        new SessionRecord(
                                "app",
                                SUBJECT,
                                4,
                                NOW,
                                SECOND,
                                NOW.plus(Policies.ABSOLUTE),
                                false,
                                tokenExpires,
                                null)));
    }

    @Test
    void lostSessionIsOpenedAgain() {
        Instant openedAt = NOW.minus(Policies.ABSOLUTE).plusMillis(1);
        LostSession lost = new LostSession(openedAt, ROTATED_AT);

        Decision decision = RotationRules.decide(null, new Rotation(SESSION, 3, SECOND, STRICT, null, lost), NOW);

        Successor successor = new Successor(4, NOW, NOW.plusMillis(1));
        assertThat(decision)
                .isEqualTo(new Decision(
                        new Rotated(successor, RotationCause.RECOVERED),
                        new SessionRecord(
                                "app", SUBJECT, 4, NOW, SECOND, NOW.plusMillis(1), false, NOW.plusMillis(1), null)));
        assertThat(RotationRules.decide(null, new Rotation(SESSION, 3, SECOND, STRICT, null, lost), NOW.plusMillis(1)))
                .isEqualTo(new Decision(new Expired(), null));
    }

    @Test
    void lostSessionOfASubjectWhoseSessionsEndedIsRevoked() {
        Rotation rotation = new Rotation(SESSION, 3, SECOND, STRICT, null, new LostSession(ROTATED_AT, ROTATED_AT));

        assertThat(RotationRules.decide(null, ROTATED_AT, rotation, NOW)).isEqualTo(new Decision(new Revoked(), null));
        assertThat(RotationRules.decide(null, ROTATED_AT.minusSeconds(1), rotation, NOW)
                        .outcome())
                .isInstanceOf(Rotated.class);
    }

    @Test
    void revokedSessionStaysRevoked() {
        SessionRecord tombstone = KNOWN.revoked(RevocationReason.LOGOUT, SECOND);

        Decision decision = RotationRules.decide(tombstone, presenting(5, SECOND, STRICT), NOW);

        assertThat(decision).isEqualTo(new Decision(new Revoked(), tombstone));
    }

    @Test
    void sessionPastItsAbsoluteEndIsExpired() {
        SessionRecord ending = new SessionRecord("app", SUBJECT, 5, ROTATED_AT, FIRST, NOW, false, null, null);

        Decision decision = RotationRules.decide(ending, presenting(5, SECOND, STRICT), NOW);

        assertThat(decision).isEqualTo(new Decision(new Expired(), ending));
        assertThat(RotationRules.decide(ending, presenting(5, SECOND, STRICT), NOW.minusMillis(1))
                        .outcome())
                .isInstanceOf(Rotated.class);
    }

    @Test
    void sessionWithoutRefreshForTheIdleLifetimeIsExpired() {
        Instant idleEnd = ROTATED_AT.plus(Policies.IDLE);

        Decision decision = RotationRules.decide(KNOWN, presenting(5, SECOND, STRICT), idleEnd);

        assertThat(decision).isEqualTo(new Decision(new Expired(), KNOWN));
        assertThat(RotationRules.decide(KNOWN, presenting(5, SECOND, STRICT), idleEnd.minusMillis(1))
                        .outcome())
                .isInstanceOf(Rotated.class);
    }

    @Test
    void newestTokenIsRotated() {
        Decision decision = RotationRules.decide(KNOWN, presenting(5, SECOND, STRICT), NOW);

        Successor successor = new Successor(6, NOW, NOW.plus(Policies.IDLE));
        assertThat(decision)
                .isEqualTo(new Decision(
                        new Rotated(successor, RotationCause.FIRST_USE),
                        new SessionRecord("app", SUBJECT, 6, NOW, SECOND, END, false, null, null)));
    }

    @Test
    void rotationDoesNotMoveTheAbsoluteEnd() {
        RealmPolicy longIdle = Policies.lasting(Duration.ofDays(30), Policies.ABSOLUTE);

        Decision decision = RotationRules.decide(KNOWN, presenting(5, SECOND, longIdle), NOW);

        assertThat(decision.outcome()).isEqualTo(new Rotated(new Successor(6, NOW, END), RotationCause.FIRST_USE));
    }

    @Test
    void repeatedAttemptGetsTheSameSuccessor() {
        Decision decision = RotationRules.decide(KNOWN, presenting(4, FIRST, STRICT), NOW);

        assertThat(decision).isEqualTo(new Decision(new Rotated(SUCCESSOR, RotationCause.REPEATED_ATTEMPT), KNOWN));
    }

    @Test
    void undeliveredSuccessorIsHandedOutOnceMore() {
        SessionRecord undelivered = KNOWN.markedUndelivered();

        Decision decision = RotationRules.decide(undelivered, presenting(4, SECOND, STRICT), NOW);

        SessionRecord redelivered = new SessionRecord("app", SUBJECT, 5, ROTATED_AT, SECOND, END, false, null, null);
        assertThat(decision).isEqualTo(new Decision(new Rotated(SUCCESSOR, RotationCause.UNDELIVERED), redelivered));
        assertThat(RotationRules.decide(redelivered, presenting(4, FIRST, STRICT), NOW)
                        .outcome())
                .isInstanceOf(Reused.class);
    }

    @Test
    void replacedTokenWithinGraceGetsTheSameSuccessor() {
        Decision decision = RotationRules.decide(KNOWN, presenting(4, SECOND, FORGIVING), NOW);

        assertThat(decision).isEqualTo(new Decision(new Replayed(SUCCESSOR), KNOWN));
    }

    @Test
    void graceEndsToTheMillisecond() {
        Instant graceEnd = ROTATED_AT.plus(FORGIVING.reuseGrace());
        Rotation replay = presenting(4, SECOND, FORGIVING);

        assertThat(RotationRules.decide(KNOWN, replay, graceEnd.minusMillis(1)).outcome())
                .isEqualTo(new Replayed(SUCCESSOR));
        assertThat(RotationRules.decide(KNOWN, replay, graceEnd).outcome())
                .isEqualTo(new Reused(4, 5, ROTATED_AT, graceEnd));
    }

    @Test
    void graceEndsWhenTheSuccessorIsUsed() {
        SessionRecord successorUsed = RotationRules.decide(KNOWN, presenting(5, SECOND, FORGIVING), NOW)
                .next();

        Decision decision = RotationRules.decide(successorUsed, presenting(4, SECOND, FORGIVING), NOW);

        assertThat(decision.outcome()).isEqualTo(new Reused(4, 6, NOW, NOW));
    }

    @Test
    void replacedTokenRevokesTheSession() {
        Decision decision = RotationRules.decide(KNOWN, presenting(4, SECOND, STRICT), NOW);

        assertThat(decision).isEqualTo(new Decision(new Reused(4, 5, ROTATED_AT, NOW), KNOWN.reused(SECOND)));
    }

    @Test
    void tokenReplacedLongAgoRevokesTheSession() {
        Decision decision = RotationRules.decide(KNOWN, presenting(0, SECOND, FORGIVING), NOW);

        assertThat(decision).isEqualTo(new Decision(new Reused(0, 5, ROTATED_AT, NOW), KNOWN.reused(SECOND)));
    }

    @Test
    void reportedReuseGetsTheNewestTokenAndChangesNothing() {
        RealmPolicy reporting = Policies.reporting();

        assertThat(RotationRules.decide(KNOWN, presenting(4, SECOND, reporting), NOW))
                .isEqualTo(new Decision(new Reported(SUCCESSOR, 4, NOW), KNOWN));
        assertThat(RotationRules.decide(KNOWN, presenting(0, SECOND, reporting), NOW))
                .isEqualTo(new Decision(new Reported(SUCCESSOR, 0, NOW), KNOWN));
    }

    @Test
    void tokenNewerThanTheRecordHealsIt() {
        SessionRecord behind =
                new SessionRecord("app", SUBJECT, 5, ROTATED_AT, FIRST, END, true, END.plusSeconds(60), null);

        Decision decision = RotationRules.decide(behind, presenting(8, SECOND, STRICT), NOW);

        Successor successor = new Successor(9, NOW, NOW.plus(Policies.IDLE));
        assertThat(decision)
                .isEqualTo(new Decision(
                        new Rotated(successor, RotationCause.HEALED),
                        new SessionRecord("app", SUBJECT, 9, NOW, SECOND, END, false, END.plusSeconds(60), null)));
    }

    private static Rotation presenting(long generation, AttemptId attempt, RealmPolicy policy) {
        return new Rotation(SESSION, generation, attempt, policy, null);
    }
}
