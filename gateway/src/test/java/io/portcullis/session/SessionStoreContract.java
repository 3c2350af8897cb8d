package io.portcullis.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Unknown;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} does: {@link RotationContract}, and how sessions begin and end. */
public abstract class SessionStoreContract extends RotationContract {

    @Test
    void openedSessionStartsAtGenerationZero() {
        Successor opened = session.open(STRICT);

        assertThat(opened.generation()).isZero();
        assertThat(opened.issuedAt())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        assertThat(opened.issuedAt().getNano() % 1_000_000).isZero();
        assertThat(opened.expiresAt()).isEqualTo(opened.issuedAt().plus(Policies.IDLE));
    }

    @Test
    void firstTokenDoesNotOutliveTheSession() {
        Successor opened = session.open(Policies.lasting(HOUR, HOUR.dividedBy(2)));

        assertThat(opened.expiresAt()).isEqualTo(opened.issuedAt().plus(HOUR.dividedBy(2)));
    }

    @Test
    void openingTwiceGivesTheSameAnswer() {
        assertThat(session.open(STRICT)).isEqualTo(session.open(STRICT));
    }

    @Test
    void openingAgainAfterARotationGivesTheSameAnswer() {
        Successor opened = session.open(STRICT);
        Successor newest = opened;
        while (!newest.issuedAt().isAfter(opened.issuedAt())) {
            newest = session.successor(newest.generation(), AttemptId.random(), STRICT);
        }

        assertThat(session.open(STRICT)).isEqualTo(opened);
        successorOf(session.rotate(newest.generation(), STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void sessionNobodyOpenedIsUnknown() {
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Unknown());
        assertThat(session.markUndelivered(1, first)).isFalse();
        assertThat(session.revoke()).isEqualTo(Revocation.UNKNOWN);
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Unknown());
    }

    @Test
    void sessionOfTheSameNameOfAnotherSubjectIsAnother() {
        session.open(STRICT);
        LiveSession stranger = session.ofAStranger();

        assertThat(stranger.rotate(0, STRICT)).isEqualTo(new Unknown());
        assertThat(stranger.rotate(9, STRICT)).isEqualTo(new Unknown());
        assertThat(stranger.revoke()).isEqualTo(Revocation.UNKNOWN);
        successorOf(session.rotate(0, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void sessionOfTheSameNameInAnotherRealmIsAnother() {
        session.open(STRICT);
        LiveSession elsewhere = session.inAnotherRealm();

        assertThat(elsewhere.rotate(0, STRICT)).isEqualTo(new Unknown());
        assertThat(elsewhere.rotate(9, STRICT)).isEqualTo(new Unknown());
        assertThat(elsewhere.revoke()).isEqualTo(Revocation.UNKNOWN);
        successorOf(session.rotate(0, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void revokedSessionIsOver() {
        session.open(STRICT);
        session.rotate(0, first, STRICT);

        assertThat(session.revoke()).isEqualTo(Revocation.REVOKED);
        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(session.rotate(1, STRICT)).isEqualTo(new Revoked());
        assertThat(session.rotate(0, first, STRICT)).isEqualTo(new Revoked());
        assertThat(session.rotate(5, STRICT)).isEqualTo(new Revoked());
        assertThat(session.adopt(second, STRICT, Instant.now().plus(HOUR))).isEqualTo(new Revoked());
        assertThat(session.markUndelivered(1, first)).isFalse();
    }

    @Test
    void repeatedAttemptToRevokeIsAnsweredAsTheFirst() {
        session.open(STRICT);
        session.rotate(0, STRICT);

        assertThat(session.revoke(first)).isEqualTo(Revocation.REVOKED);
        assertThat(session.revoke(first)).isEqualTo(Revocation.REVOKED);
        assertThat(session.revoke(second)).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(session.revoke(first)).isEqualTo(Revocation.REVOKED);
        assertThat(session.rotate(1, first, STRICT)).isEqualTo(new Revoked());
    }

    @Test
    void revokingOneSessionLeavesTheSubjectsOthersAlive() {
        LiveSession other = LiveSession.of(session.ref().subject(), store());
        session.open(STRICT);
        other.open(STRICT);

        session.revoke();

        successorOf(other.rotate(0, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void rotationDoesNotMoveTheAbsoluteEnd() {
        RealmPolicy equalLifetimes = Policies.lasting(HOUR, HOUR);
        Successor opened = session.open(equalLifetimes);

        assertThat(session.successor(0, first, equalLifetimes).expiresAt()).isEqualTo(opened.expiresAt());
    }

    @Test
    void refreshingDoesNotProlongTheSession() {
        RealmPolicy brief = Policies.lasting(HOUR, ofMillis(40));
        Successor opened = session.open(brief);

        Successor newest = opened;
        RotationOutcome outcome = session.rotate(0, brief);
        while (outcome instanceof Granted granted) {
            newest = granted.successor();
            outcome = session.rotate(newest.generation(), brief);
        }

        assertThat(outcome).isEqualTo(new Expired());
        assertThat(newest.generation()).isPositive();
        assertThat(newest.expiresAt()).isEqualTo(opened.expiresAt());
    }

    @Test
    void adoptedSessionIsRememberedPastItsEnd() {
        RealmPolicy brief = Policies.lasting(HOUR, ofMillis(20));
        Instant tokenExpires = Instant.now().plus(HOUR);
        successorOf(session.adopt(first, brief, tokenExpires), RotationCause.ADOPTED);

        waitUntilExpired(brief);

        assertThat(session.adopt(second, brief, tokenExpires)).isEqualTo(new Expired());
    }

    @Test
    void sessionWithoutRefreshForTheIdleLifetimeExpires() {
        RealmPolicy brief = Policies.lasting(ofMillis(20), HOUR);
        session.open(brief);

        waitUntilExpired(brief);

        assertThat(session.rotate(0, brief)).isEqualTo(new Expired());
        assertThat(session.revoke()).isEqualTo(Revocation.REVOKED);
        assertThat(session.rotate(0, brief)).isEqualTo(new Revoked());
    }

    private void waitUntilExpired(RealmPolicy policy) {
        Duration life = policy.idleLifetime().compareTo(policy.absoluteLifetime()) < 0
                ? policy.idleLifetime()
                : policy.absoluteLifetime();
        await().pollDelay(life.plusMillis(2)).until(() -> true);
    }
}
