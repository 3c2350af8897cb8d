package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Mismatched;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationRules.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which rule of rotation beats which, over every combination of what can be known and presented. */
class RotationRulesPrecedenceTest {
    private static final Instant ROTATED_AT = Instant.parse("2026-05-04T10:00:00Z");
    private static final Instant END = ROTATED_AT.plus(Policies.ABSOLUTE);
    private static final AttemptId SAME = new AttemptId("same");
    private static final AttemptId OTHER = new AttemptId("other");
    private static final SessionId ID = SessionId.random("ada");
    private static final SubjectHash SUBJECT = SubjectHash.of("ada");
    private static final long CURRENT = 3;

    private record Case(SessionRecord known, Rotation rotation, Instant now) {
        Decision decision() {
            return RotationRules.decide(known, rotation, now);
        }

        boolean isRevoked() {
            return known.revoked() != null;
        }

        boolean isExpired() {
            return !now.isBefore(known.expiresAt(rotation.policy()));
        }

        boolean isMismatched() {
            return !known.realm().equals(rotation.session().realm())
                    || !known.subject().equals(rotation.session().subjectHash());
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
            return !isRevoked() && !isExpired() && !isMismatched();
        }
    }

    @Test
    void tombstoneBeatsEverything() {
        whenever(
                c -> c.isRevoked() && !c.isTheReuseAgain(),
                c -> assertThat(c.decision()).isEqualTo(new Decision(new Revoked(), c.known())));
    }

    @Test
    void theAttemptThatWasTheReuseIsAnsweredTheSameAgain() {
        whenever(
                Case::isTheReuseAgain,
                c -> assertThat(c.decision())
                        .isEqualTo(new Decision(
                                new Reused(c.rotation().presented(), CURRENT, ROTATED_AT, c.now()), c.known())));
    }

    @Test
    void expiryBeatsMismatchAndGenerations() {
        whenever(
                c -> !c.isRevoked() && c.isExpired(),
                c -> assertThat(c.decision()).isEqualTo(new Decision(new Expired(), c.known())));
    }

    @Test
    void mismatchBeatsGenerations() {
        whenever(
                c -> !c.isRevoked() && !c.isExpired() && c.isMismatched(),
                c -> assertThat(c.decision()).isEqualTo(new Decision(new Mismatched(), c.known())));
    }

    @Test
    void repeatedAttemptBeatsUndeliveredAndGrace() {
        whenever(
                c -> c.isLive()
                        && c.presentsTheTokenBefore()
                        && c.rotation().attempt().equals(SAME),
                c -> assertThat(c.decision())
                        .isEqualTo(new Decision(new Rotated(c.newest(), RotationCause.REPEATED_ATTEMPT), c.known())));
    }

    @Test
    void undeliveredBeatsGraceAndReuse() {
        whenever(
                c -> c.isLive()
                        && c.presentsTheTokenBefore()
                        && c.rotation().attempt().equals(OTHER)
                        && c.known().undelivered(),
                c -> assertThat(c.decision().outcome()).isEqualTo(new Rotated(c.newest(), RotationCause.UNDELIVERED)));
    }

    @Test
    void neitherAttemptNorDeliveryNorGraceExcusesAnOlderToken() {
        whenever(
                c -> c.isLive() && c.rotation().presented() < CURRENT - 1,
                c -> assertThat(c.decision().outcome())
                        .isEqualTo(
                                c.rotation().policy().reuseAction() == ReuseAction.REPORT
                                        ? new Reported(c.newest(), c.rotation().presented(), c.now())
                                        : new Reused(c.rotation().presented(), CURRENT, ROTATED_AT, c.now())));
    }

    @Test
    void everyNewerTokenOfALiveSessionHealsIt() {
        whenever(
                c -> c.isLive() && c.rotation().presented() > CURRENT,
                c -> assertThat(c.decision().outcome())
                        .isEqualTo(new Rotated(
                                c.decision().next().newest(c.rotation().policy()), RotationCause.HEALED)));
    }

    @Test
    void adoptionChangesNothingForAKnownSession() {
        whenever(c -> true, c -> {
            Rotation r = c.rotation();
            Rotation adopting = new Rotation(r.session(), r.presented(), r.attempt(), r.policy(), END);

            assertThat(RotationRules.decide(c.known(), adopting, c.now())).isEqualTo(c.decision());
        });
    }

    @Test
    void whatIsGrantedIsTheNewestTokenOfTheSessionAfterwards() {
        whenever(
                c -> c.decision().outcome() instanceof Granted,
                c -> assertThat(((Granted) c.decision().outcome()).successor())
                        .isEqualTo(c.decision().next().newest(c.rotation().policy())));
    }

    @Test
    void refusalWritesNothingButTheTombstoneOfReuse() {
        whenever(
                c -> !(c.decision().outcome() instanceof Granted),
                c -> assertThat(c.decision().next())
                        .isEqualTo(
                                c.decision().outcome() instanceof Reused && !c.isRevoked()
                                        ? c.known().reused(c.rotation().attempt())
                                        : c.known()));
    }

    @Test
    void noDecisionMovesTheEndOrCountsBackwards() {
        whenever(c -> true, c -> {
            SessionRecord next = c.decision().next();

            assertThat(next.end()).isEqualTo(c.known().end());
            assertThat(next.keepUntil()).isEqualTo(c.known().keepUntil());
            assertThat(next.realm()).isEqualTo(c.known().realm());
            assertThat(next.generation()).isGreaterThanOrEqualTo(c.known().generation());
        });
    }

    @Test
    void everyOutcomeOfAKnownSessionOccursAmongTheCases() {
        Set<Object> seen = new HashSet<>();
        for (Case c : cases()) {
            RotationOutcome outcome = c.decision().outcome();
            seen.add(outcome instanceof Rotated rotated ? rotated.cause() : outcome.getClass());
        }

        assertThat(seen)
                .containsExactlyInAnyOrder(
                        RotationCause.FIRST_USE,
                        RotationCause.REPEATED_ATTEMPT,
                        RotationCause.UNDELIVERED,
                        RotationCause.HEALED,
                        RotationOutcome.Replayed.class,
                        Reported.class,
                        Reused.class,
                        Revoked.class,
                        Expired.class,
                        Mismatched.class);
    }

    private static void whenever(Predicate<Case> condition, Consumer<Case> check) {
        List<Case> matching = cases().stream().filter(condition).toList();

        assertThat(matching.size()).isGreaterThan(10);
        matching.forEach(check);
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (SessionRecord known : records()) {
            for (Rotation rotation : rotations()) {
                for (Duration age : List.of(Duration.ZERO, Duration.ofMinutes(2), Policies.IDLE, Policies.ABSOLUTE)) {
                    cases.add(new Case(known, rotation, ROTATED_AT.plus(age)));
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
        LiveSession own =
                new LiveSession(new ReferenceSessionStore(() -> ROTATED_AT), new SessionRef("app", "ada", ID));
        for (SessionRef session :
                List.of(own.ref(), own.inAnotherRealm().ref(), own.ofAStranger().ref())) {
            for (long presented = 0; presented <= CURRENT + 2; presented++) {
                for (AttemptId attempt : List.of(SAME, OTHER)) {
                    for (ReuseAction action : ReuseAction.values()) {
                        for (Duration grace : List.of(Duration.ZERO, Duration.ofMinutes(2), Duration.ofHours(2))) {
                            rotations.add(new Rotation(session, presented, attempt, Policies.of(grace, action), null));
                        }
                    }
                }
            }
        }
        return rotations;
    }
}
