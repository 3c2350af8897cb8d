package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many sessions a store lets a subject have. */
public abstract class SessionLimitContract extends SubjectIndexContract {
    private static final RealmPolicy TWO = Policies.limited(STRICT, 2);

    @Test
    void oneSessionTooManyEndsTheOldest() {
        List<LiveSession> opened = openOneAfterTheOther(TWO, 4);

        assertThat(opened.get(0).rotate(0, TWO)).isEqualTo(new Revoked());
        assertThat(opened.get(1).rotate(0, TWO)).isEqualTo(new Revoked());
        successorOf(opened.get(2).rotate(0, TWO), RotationCause.FIRST_USE);
        successorOf(opened.get(3).rotate(0, TWO), RotationCause.FIRST_USE);
        assertThat(tombstoneOf(opened.get(0)).reason()).isEqualTo(RevocationReason.LIMIT);
        assertThat(tombstoneOf(opened.get(3))).isNull();
    }

    @Test
    void oldestIsTheOneThatEndsFirstThoughAnAccessTokenOfItLivesLonger() {
        RealmPolicy shorter = Policies.lasting(HOUR, Duration.ofMinutes(2));
        session.open(shorter);
        session.successor(0, first, shorter);
        session.sibling().open(Policies.lasting(HOUR, Duration.ofMinutes(3)));

        assertThat(session.sibling().open(TWO).ended())
                .containsExactly(session.ref().id());
    }

    @Test
    void whatEndedToMakeRoomIsNamedUntilTheNextRotation() {
        List<LiveSession> opened = openOneAfterTheOther(TWO, 2);
        SessionId oldest = opened.get(0).ref().id();
        LiveSession third = session.sibling();
        LiveSession adopted = session.sibling();

        assertThat(third.open(TWO).ended()).containsExactly(oldest);
        assertThat(third.open(TWO).ended()).containsExactly(oldest);
        assertThat(third.successor(0, first, TWO).ended()).isEmpty();
        assertThat(third.successor(0, first, TWO).ended()).isEmpty();
        assertThat(third.open(TWO).ended()).isEmpty();

        Successor successor =
                successorOf(adopted.adopt(second, TWO, Instant.now().plus(HOUR)), RotationCause.ADOPTED);
        assertThat(successor.ended())
                .hasSize(1)
                .isSubsetOf(opened.get(1).ref().id(), third.ref().id());
        assertThat(adopted.successor(0, second, TWO)).isEqualTo(successor);
        assertThat(adopted.successor(1, first, TWO).ended()).isEmpty();
    }

    @Test
    void lowerLimitEndsAllThatAreTooMany() {
        List<LiveSession> opened = openOneAfterTheOther(STRICT, 4);

        Successor successor = session.open(TWO);

        assertThat(successor.ended())
                .containsExactly(
                        opened.get(0).ref().id(),
                        opened.get(1).ref().id(),
                        opened.get(2).ref().id());
    }

    @Test
    void sessionOpenedAgainEndsNoOther() {
        List<LiveSession> opened = openOneAfterTheOther(TWO, 2);

        opened.get(1).open(TWO);

        successorOf(opened.get(0).rotate(0, TWO), RotationCause.FIRST_USE);
    }

    @Test
    void adoptedSessionCountsAsWell() {
        List<LiveSession> opened = openOneAfterTheOther(TWO, 2);
        LiveSession adopted = session.sibling();

        successorOf(adopted.adopt(first, TWO, Instant.now().plus(HOUR)), RotationCause.ADOPTED);

        assertThat(opened.get(0).rotate(0, TWO)).isEqualTo(new Revoked());
        successorOf(opened.get(1).rotate(0, TWO), RotationCause.FIRST_USE);
        assertThat(adopted.adopt(second, TWO, Instant.now().plus(HOUR))).isInstanceOf(Reused.class);
        successorOf(opened.get(1).rotate(1, TWO), RotationCause.FIRST_USE);
    }

    @Test
    void sessionsThatEndedLeaveTheirPlaceToOthers() {
        List<LiveSession> opened = openOneAfterTheOther(TWO, 2);
        opened.get(1).revoke();

        LiveSession third = session.sibling();
        third.open(TWO);

        successorOf(opened.get(0).rotate(0, TWO), RotationCause.FIRST_USE);
        session.revokeAll(TWO);
        await().until(() -> session.sibling()
                .open(STRICT)
                .issuedAt()
                .isAfter(third.state().tombstone().at()));
        List<LiveSession> later = openOneAfterTheOther(Policies.limited(STRICT, 9), 2);
        assertThat(later).allSatisfy(one -> assertThat(tombstoneOf(one)).isNull());
    }

    @Test
    void idleSessionDoesNotCount() {
        RealmPolicy brief = Policies.limited(Policies.lasting(Duration.ofMillis(20), HOUR), 2);
        session.open(brief);
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> !session.state().isLive(brief));

        openOneAfterTheOther(brief, 2);

        assertThat(tombstoneOf(session)).isNull();
    }

    @Test
    void withoutALimitThereIsNone() {
        List<LiveSession> opened = openOneAfterTheOther(STRICT, 12);

        assertThat(opened).allSatisfy(one -> successorOf(one.rotate(0, STRICT), RotationCause.FIRST_USE));
    }

    /** In different milliseconds, so that one is the oldest. */
    private List<LiveSession> openOneAfterTheOther(RealmPolicy policy, int count) {
        List<LiveSession> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LiveSession one = session.sibling();
            Instant before =
                    opened.isEmpty() ? Instant.EPOCH : opened.get(i - 1).state().openedAt();
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> now().isAfter(before));
            one.open(policy);
            opened.add(one);
        }
        return opened;
    }

    /** The store's time, by a session of somebody else. */
    private Instant now() {
        return session.ofSubject("clock@example.org").open(STRICT).issuedAt();
    }
}
