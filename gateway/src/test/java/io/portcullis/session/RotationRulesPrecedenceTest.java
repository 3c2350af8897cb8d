package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Mismatched;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationRules.Decision;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Which rule of rotation beats which, over every combination of what can be known and presented. */
class RotationRulesPrecedenceTest {
    @Test
    void tombstoneBeatsEverything() {
        whenever(
                c -> c.isRevoked() && !c.isTheReuseAgain(),
                c -> assertThat(c.decision()).isEqualTo(new Decision(new Revoked(), c.known())));
    }

    @Test
    void theAttemptThatWasTheReuseIsAnsweredTheSameAgain() {
        whenever(
                RotationCase::isTheReuseAgain,
                c -> assertThat(c.decision())
                        .isEqualTo(new Decision(
                                new Reused(
                                        c.rotation().presented(),
                                        RotationCase.CURRENT,
                                        RotationCase.ROTATED_AT,
                                        c.now()),
                                c.known())));
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
                        && c.rotation().attempt().equals(RotationCase.SAME),
                c -> assertThat(c.decision())
                        .isEqualTo(new Decision(
                                new Rotated(c.newest(), RotationCause.REPEATED_ATTEMPT),
                                c.known().redelivered(RotationCase.SAME))));
    }

    @Test
    void undeliveredBeatsGraceAndReuse() {
        whenever(
                c -> c.isLive()
                        && c.presentsTheTokenBefore()
                        && c.rotation().attempt().equals(RotationCase.OTHER)
                        && c.known().undelivered(),
                c -> assertThat(c.decision().outcome()).isEqualTo(new Rotated(c.newest(), RotationCause.UNDELIVERED)));
    }

    @Test
    @SecurityLine(4)
    void neitherAttemptNorDeliveryNorGraceExcusesAnOlderToken() {
        whenever(
                c -> c.isLive() && c.rotation().presented() < RotationCase.CURRENT - 1,
                c -> assertThat(c.decision().outcome())
                        .isEqualTo(
                                c.rotation().policy().reuseAction() == ReuseAction.REPORT
                                        ? new Reported(c.newest(), c.rotation().presented(), c.now())
                                        : new Reused(
                                                c.rotation().presented(),
                                                RotationCase.CURRENT,
                                                RotationCase.ROTATED_AT,
                                                c.now())));
    }

    @Test
    void everyNewerTokenOfALiveSessionHealsIt() {
        whenever(
                c -> c.isLive() && c.rotation().presented() > RotationCase.CURRENT,
                c -> assertThat(c.decision().outcome())
                        .isEqualTo(new Rotated(
                                c.decision().next().newest(c.rotation().policy()), RotationCause.HEALED)));
    }

    @Test
    void neitherAdoptionNorRecoveryChangesAnythingForAKnownSession() {
        AdoptedToken adopted = new AdoptedToken(RotationCase.END, null);
        LostSession lost = new LostSession(RotationCase.ROTATED_AT, RotationCase.ROTATED_AT);
        whenever(c -> true, c -> {
            Rotation r = c.rotation();
            Rotation adopting = new Rotation(r.session(), r.presented(), r.attempt(), r.policy(), adopted);
            Rotation recovering = new Rotation(r.session(), r.presented(), r.attempt(), r.policy(), null, lost);

            assertThat(RotationRules.decide(c.known(), adopting, c.now())).isEqualTo(c.decision());
            assertThat(RotationRules.decide(c.known(), recovering, c.now())).isEqualTo(c.decision());
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
        for (RotationCase c : RotationCase.all()) {
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

    private static void whenever(Predicate<RotationCase> condition, Consumer<RotationCase> check) {
        List<RotationCase> matching =
                RotationCase.all().stream().filter(condition).toList();

        assertThat(matching.size()).isGreaterThan(10);
        matching.forEach(check);
    }
}
