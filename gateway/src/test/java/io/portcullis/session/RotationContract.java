package io.portcullis.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} answers to refresh tokens, seen from outside. Time is real and moves by policy. */
abstract class RotationContract {
    static final RealmPolicy STRICT = Policies.strict();
    static final Duration HOUR = Duration.ofHours(1);

    final AttemptId first = AttemptId.random();
    final AttemptId second = AttemptId.random();
    LiveSession session;

    protected abstract SessionStore store();

    @BeforeEach
    void nameASession() {
        session = LiveSession.of("ada@example.org", store());
    }

    @Test
    void newestTokenIsRotatedAgainAndAgain() {
        session.open(STRICT);

        for (long generation = 0; generation < 20; generation++) {
            Successor successor = successorOf(session.rotate(generation, STRICT), RotationCause.FIRST_USE);

            assertThat(successor.generation()).isEqualTo(generation + 1);
            assertThat(successor.expiresAt()).isEqualTo(successor.issuedAt().plus(Policies.IDLE));
        }
    }

    @Test
    void repeatedAttemptGetsTheSameSuccessor() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);

        assertThat(session.rotate(0, first, STRICT)).isEqualTo(new Rotated(successor, RotationCause.REPEATED_ATTEMPT));
        successorOf(session.rotate(1, second, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void replacedTokenRevokesTheSession() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);

        assertReused(session.rotate(0, second, STRICT), 0, 1, successor);
        assertReused(session.rotate(0, second, STRICT), 0, 1, successor);
        assertThat(session.rotate(1, second, STRICT)).isEqualTo(new Revoked());
        assertThat(session.rotate(0, first, STRICT)).isEqualTo(new Revoked());
        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
    }

    @Test
    void tokenReplacedLongAgoRevokesTheSession() {
        session.open(STRICT);
        session.rotate(0, first, STRICT);
        session.rotate(1, first, STRICT);
        Successor newest = session.successor(2, first, STRICT);

        assertReused(session.rotate(0, first, STRICT), 0, 3, newest);
        assertThat(session.rotate(3, second, STRICT)).isEqualTo(new Revoked());
    }

    @Test
    void reportedReuseGetsTheNewestTokenAndLeavesTheSessionAlive() {
        session.open(STRICT);
        session.rotate(0, first, STRICT);
        Successor newest = session.successor(1, second, STRICT);

        assertReported(session.rotate(1, Policies.reporting()), 1, newest);
        assertReported(session.rotate(0, Policies.reporting()), 0, newest);
        successorOf(session.rotate(2, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void replacedTokenWithinGraceGetsTheSameSuccessor() {
        RealmPolicy policy = Policies.withGrace(HOUR);
        session.open(policy);
        Successor successor = session.successor(0, first, policy);

        assertThat(session.rotate(0, policy)).isEqualTo(new Replayed(successor));
        assertThat(session.rotate(0, policy)).isEqualTo(new Replayed(successor));
        successorOf(session.rotate(1, policy), RotationCause.FIRST_USE);
    }

    @Test
    void graceEndsWhenTheSuccessorIsUsed() {
        RealmPolicy policy = Policies.withGrace(HOUR);
        session.open(policy);
        session.rotate(0, first, policy);
        session.rotate(1, first, policy);

        assertThat(session.rotate(0, policy)).isInstanceOf(Reused.class);
    }

    @Test
    void graceEndsHoweverOftenTheTokenIsReplayed() {
        RealmPolicy policy = Policies.withGrace(ofMillis(30));
        session.open(policy);
        session.rotate(0, first, policy);

        RotationOutcome end = await().pollDelay(Duration.ZERO)
                .pollInterval(ofMillis(2))
                .until(() -> session.rotate(0, policy), outcome -> !(outcome instanceof Replayed));

        assertThat(end).isInstanceOf(Reused.class);
    }

    @Test
    void undeliveredSuccessorIsHandedOutOnceMore() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);

        assertThat(session.markUndelivered(1, first)).isTrue();
        assertThat(session.rotate(0, second, STRICT)).isEqualTo(new Rotated(successor, RotationCause.UNDELIVERED));
        assertThat(session.rotate(0, second, STRICT)).isEqualTo(new Rotated(successor, RotationCause.REPEATED_ATTEMPT));
        assertThat(session.rotate(0, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void successorThatWasUndeliveredIsDeliveredToItsOwnAttemptOnce() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);
        session.markUndelivered(1, first);

        assertThat(session.rotate(0, first, STRICT)).isEqualTo(new Rotated(successor, RotationCause.REPEATED_ATTEMPT));
        assertThat(session.rotate(0, second, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void secondAnswerCanBeUndeliveredToo() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);
        session.markUndelivered(1, first);
        session.rotate(0, second, STRICT);

        assertThat(session.markUndelivered(1, first)).isFalse();
        assertThat(session.markUndelivered(1, second)).isTrue();
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Rotated(successor, RotationCause.UNDELIVERED));
    }

    @Test
    void onlyTheLastAnswerCanBeUndelivered() {
        session.open(STRICT);
        assertThat(session.markUndelivered(0, first)).isFalse();
        session.rotate(0, first, STRICT);
        assertThat(session.markUndelivered(1, second)).isFalse();
        assertThat(session.markUndelivered(2, first)).isFalse();
        assertThat(session.markUndelivered(1, first)).isTrue();
        assertThat(session.markUndelivered(1, first)).isTrue();
        session.rotate(1, second, STRICT);
        assertThat(session.markUndelivered(1, first)).isFalse();

        assertThat(session.rotate(1, STRICT)).isInstanceOf(Reused.class);
        assertThat(session.markUndelivered(2, second)).isFalse();
    }

    @Test
    void useOfTheSuccessorProvesThatItWasDelivered() {
        session.open(STRICT);
        session.rotate(0, first, STRICT);
        session.markUndelivered(1, first);
        session.rotate(1, second, STRICT);

        assertThat(session.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void tokenNewerThanTheRecordHealsIt() {
        session.open(STRICT);

        assertThat(successorOf(session.rotate(7, first, STRICT), RotationCause.HEALED)
                        .generation())
                .isEqualTo(8);
        successorOf(session.rotate(8, second, STRICT), RotationCause.FIRST_USE);
        assertThat(session.rotate(7, first, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void backendTokenIsAdoptedOnce() {
        Instant tokenExpires = Instant.now().plus(HOUR);

        Successor adopted = successorOf(session.adopt(first, STRICT, tokenExpires), RotationCause.ADOPTED);

        assertThat(adopted.generation()).isEqualTo(1);
        assertThat(adopted.expiresAt()).isEqualTo(adopted.issuedAt().plus(Policies.IDLE));
        assertThat(session.adopt(first, STRICT, tokenExpires))
                .isEqualTo(new Rotated(adopted, RotationCause.REPEATED_ATTEMPT));
        assertThat(session.adopt(second, STRICT, tokenExpires)).isInstanceOf(Reused.class);
        assertThat(session.adopt(AttemptId.random(), STRICT, tokenExpires)).isEqualTo(new Revoked());
    }

    @Test
    void ofALostSessionsTokensOneLineIsLeft() {
        LostSession lost =
                new LostSession(Instant.now().minus(HOUR), Instant.now().minus(HOUR));
        session.recover(3, first, STRICT, lost);

        successorOf(session.recover(7, second, STRICT, lost), RotationCause.HEALED);

        assertThat(session.recover(4, AttemptId.random(), STRICT, lost)).isInstanceOf(Reused.class);
        assertThat(session.recover(8, AttemptId.random(), STRICT, lost)).isEqualTo(new Revoked());
    }

    private static void assertReused(RotationOutcome outcome, long presented, long current, Successor newest) {
        assertThat(outcome).isInstanceOf(Reused.class);
        assertRecognised(((Reused) outcome).reuse(), presented, current, newest);
    }

    private static void assertReported(RotationOutcome outcome, long presented, Successor newest) {
        assertThat(outcome).isInstanceOf(Reported.class);
        assertThat(((Reported) outcome).successor()).isEqualTo(newest);
        assertRecognised(((Reported) outcome).reuse(), presented, newest.generation(), newest);
    }

    private static void assertRecognised(Reuse reuse, long presented, long current, Successor newest) {
        assertThat(reuse).isEqualTo(new Reuse(presented, current, newest.issuedAt(), reuse.reusedAt()));
        assertThat(reuse.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }

    static Successor successorOf(RotationOutcome outcome, RotationCause cause) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Rotated.class, rotated -> assertThat(rotated.cause()).isEqualTo(cause));
        return ((Rotated) outcome).successor();
    }
}
