package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.RotationOutcome.Revoked;
import org.junit.jupiter.api.Test;

/** What a store does that knows its sessions by subject too. */
public abstract class EndOfSubjectContract extends SessionStoreContract {

    @Test
    void allSessionsOfASubjectEndTogether() {
        session = session.ofSubject(AttemptId.random().value());
        LiveSession second = session.sibling();
        session.open(STRICT);
        second.open(STRICT);
        long generation = second.successor(0, first, STRICT).generation();

        EndedSessions ended = session.revokeAll(STRICT);

        assertThat(ended.now())
                .containsExactlyInAnyOrder(session.ref().id(), second.ref().id());
        assertThat(ended.before()).isEmpty();
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Revoked());
        assertThat(second.rotate(generation, STRICT)).isEqualTo(new Revoked());
        assertThat(second.rotate(generation + 1, STRICT)).isEqualTo(new Revoked());
        EndedSessions again = session.revokeAll(STRICT);
        assertThat(again.now()).isEmpty();
        assertThat(again.before())
                .containsExactlyInAnyOrder(session.ref().id(), second.ref().id());
    }

    @Test
    void sessionsOfOthersOutliveTheEndOfASubjects() {
        LiveSession stranger = session.ofSubject("eve@example.org");
        LiveSession elsewhere = session.sibling().inAnotherRealm();
        session.open(STRICT);
        stranger.open(STRICT);
        elsewhere.open(STRICT);

        session.revokeAll(STRICT);

        successorOf(stranger.rotate(0, STRICT), RotationCause.FIRST_USE);
        successorOf(elsewhere.rotate(0, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void sessionOpenedAfterTheEndOfTheOthersLives() {
        Successor before = session.open(STRICT);
        LiveSession later = session.sibling();
        session.revokeAll(STRICT);
        Successor opened = later.open(STRICT);
        while (!opened.issuedAt().isAfter(before.issuedAt().plusMillis(5))) {
            later = later.sibling();
            opened = later.open(STRICT);
        }

        Successor rotated = successorOf(later.rotate(0, STRICT), RotationCause.FIRST_USE);

        successorOf(later.rotate(rotated.generation(), STRICT), RotationCause.FIRST_USE);
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Revoked());
    }
}
