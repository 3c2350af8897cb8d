package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.RotationOutcome.Expired;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
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
    void repeatedAttemptToEndAllIsAnsweredAsTheFirst() {
        session = session.ofSubject(AttemptId.random().value());
        LiveSession loggedOut = session.sibling();
        session.open(STRICT);
        loggedOut.open(STRICT);
        loggedOut.revoke();

        EndedSessions ended = session.revokeAll(STRICT, first);

        assertThat(ended.now()).containsExactly(session.ref().id());
        assertThat(ended.before()).containsExactly(loggedOut.ref().id());
        assertThat(session.revokeAll(STRICT, first)).isEqualTo(ended);
        EndedSessions others = session.revokeAll(STRICT, second);
        assertThat(others.now()).isEmpty();
        assertThat(others.before())
                .containsExactlyInAnyOrder(session.ref().id(), loggedOut.ref().id());
        EndedSessions again = session.revokeAll(STRICT, second);
        assertThat(again.now()).isEmpty();
        assertThat(again.before()).containsExactlyInAnyOrderElementsOf(others.before());
    }

    @Test
    void repeatedAttemptToEndAllSparesWhatWasOpenedInBetween() {
        session = session.ofSubject(AttemptId.random().value());
        LiveSession later = session.sibling();
        session.open(STRICT);
        endedAfter(session, first);
        later.open(STRICT);

        assertThat(session.revokeAll(STRICT, first).now())
                .containsExactly(session.ref().id());

        successorOf(later.rotate(0, STRICT), RotationCause.FIRST_USE);
        assertThat(session.revokeAll(STRICT, second).now())
                .containsExactly(later.ref().id());
        assertThat(later.rotate(1, STRICT)).isEqualTo(new Revoked());
    }

    @Test
    void endThatIsMadeLateSparesWhatWasOpenedSinceItWasAskedFor() {
        session = session.ofSubject(AttemptId.random().value());
        LiveSession later = session.sibling();
        Instant openedAt = Instant.now().minus(HOUR).truncatedTo(ChronoUnit.SECONDS);
        // rotated since then, which a late end does not mind
        successorOf(session.recover(3, second, STRICT, new LostSession(openedAt, openedAt)), RotationCause.RECOVERED);
        later.open(STRICT);

        EndedSessions ended = session.revokeAll(STRICT, first, HOUR.dividedBy(2));

        assertThat(ended.now()).containsExactly(session.ref().id());
        assertThat(ended.before()).isEmpty();
        assertThat(session.revokeAll(STRICT, first, HOUR.dividedBy(2))).isEqualTo(ended);
        assertThat(session.rotate(4, STRICT)).isEqualTo(new Revoked());
        assertThat(session.state().tombstone().reason()).isEqualTo(RevocationReason.SUBJECT);
        successorOf(later.rotate(0, STRICT), RotationCause.FIRST_USE);
        assertThat(session.revokeAll(STRICT, second).now())
                .containsExactly(later.ref().id());
    }

    @Test
    void endThatIsMadeLateRefusesBackendTokensOfTheTimeBeforeItOnly() {
        session = session.ofSubject(AttemptId.random().value());
        session.revokeAll(STRICT, first, HOUR);

        assertThat(adopted(session.sibling(), Instant.now().minus(HOUR).minusSeconds(5)))
                .isEqualTo(new Revoked());
        successorOf(adopted(session.sibling(), Instant.now().minus(HOUR.dividedBy(2))), RotationCause.ADOPTED);
    }

    @Test
    void endThatIsMadeLateEndsWhatWasAdoptedSince() {
        session = session.ofSubject(AttemptId.random().value());
        adopted(session, Instant.now().minus(HOUR));

        assertThat(session.revokeAll(STRICT, first, HOUR.dividedBy(2)).now())
                .containsExactly(session.ref().id());
        assertThat(session.rotate(1, STRICT)).isEqualTo(new Revoked());
    }

    @Test
    void endThatIsMadeLateTakesNothingBackOfALaterOne() {
        session = session.ofSubject(AttemptId.random().value());
        LiveSession opened = session.sibling();
        opened.open(STRICT);
        EndedSessions ended = session.revokeAll(STRICT, first);

        EndedSessions late = session.revokeAll(STRICT, second, HOUR);

        assertThat(late.now()).isEmpty();
        assertThat(late.before()).containsExactly(opened.ref().id());
        assertThat(session.revokeAll(STRICT, first)).isEqualTo(ended);
        assertThat(opened.rotate(0, STRICT)).isEqualTo(new Revoked());
        assertThat(adopted(session.sibling(), Instant.now().minus(HOUR.dividedBy(2))))
                .isEqualTo(new Revoked());
    }

    @Test
    void sessionThatEndedWithTheOthersIsNotEndedAgainByItself() {
        session = session.ofSubject(AttemptId.random().value());
        session.open(STRICT);
        session.revokeAll(STRICT);

        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(session.revokeById()).isEqualTo(Revocation.ALREADY_REVOKED);

        assertThat(session.state().tombstone().reason()).isEqualTo(RevocationReason.SUBJECT);
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

    @Test
    void backendTokenOfTheTimeBeforeTheEndOfItsSubjectsSessionsOpensNone() {
        session = session.ofSubject(AttemptId.random().value());
        session.open(STRICT);
        session.revokeAll(STRICT);
        Instant ended = session.state().tombstone().at();

        assertThat(adopted(session.sibling(), ended.minusSeconds(3600))).isEqualTo(new Revoked());
        assertThat(adopted(session.sibling(), ended.minusSeconds(1))).isEqualTo(new Revoked());
        LiveSession refused = session.sibling();
        assertThat(adopted(refused, ended)).isEqualTo(new Revoked());
        assertThat(refused.find()).isEqualTo(new SessionLookup.Missing());
    }

    @Test
    void backendTokenOfTheSameSecondAndOneThatDoesNotSayOpenNoSession() {
        session = session.ofSubject(AttemptId.random().value());
        session.open(STRICT);
        session.revokeAll(STRICT);
        Instant second = session.state().tombstone().at().truncatedTo(ChronoUnit.SECONDS);

        assertThat(adopted(session.sibling(), second)).isEqualTo(new Revoked());
        assertThat(adopted(session.sibling(), second.plusMillis(999))).isEqualTo(new Revoked());
        assertThat(adopted(session.sibling(), null)).isEqualTo(new Revoked());
    }

    @Test
    void backendTokenThatWasIssuedAfterTheEndOfItsSubjectsSessionsIsAdopted() {
        session = session.ofSubject(AttemptId.random().value());
        session.open(STRICT);
        LiveSession adopting = session.sibling();
        Instant ended = endedAfter(session, first);

        successorOf(adopted(adopting, ended.plusSeconds(1)), RotationCause.ADOPTED);

        successorOf(adopting.rotate(1, STRICT), RotationCause.FIRST_USE);
    }

    @Test
    void backendTokenThatWasAdoptedBeforeEndsWithItsSubjectsSessions() {
        session = session.ofSubject(AttemptId.random().value());
        adopted(session, null);

        assertThat(session.revokeAll(STRICT).now())
                .containsExactly(session.ref().id());

        assertThat(session.rotate(1, STRICT)).isEqualTo(new Revoked());
        assertThat(adopted(session, Instant.now().plus(HOUR))).isEqualTo(new Revoked());
    }

    /** Ends all sessions of its subject; what opens now is not of the same millisecond. */
    private Instant endedAfter(LiveSession opened, AttemptId attempt) {
        opened.revokeAll(STRICT, attempt);
        Instant ended = opened.state().tombstone().at();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> opened.state().asOf().isAfter(ended));
        return ended;
    }

    private RotationOutcome adopted(LiveSession unknown, @Nullable Instant issuedAt) {
        return unknown.adopt(
                AttemptId.random(), STRICT, new AdoptedToken(Instant.now().plus(HOUR), issuedAt));
    }

    @Test
    void lostSessionIsOpenedAgainWhereItsTokenStood() {
        session = session.ofSubject(AttemptId.random().value());
        Instant openedAt = Instant.now().minus(HOUR).truncatedTo(ChronoUnit.SECONDS);
        LostSession lost = new LostSession(openedAt, openedAt.plusSeconds(60));

        Successor recovered = successorOf(session.recover(7, first, STRICT, lost), RotationCause.RECOVERED);

        assertThat(recovered.generation()).isEqualTo(8);
        assertThat(recovered.expiresAt()).isEqualTo(recovered.issuedAt().plus(Policies.IDLE));
        assertThat(session.state().openedAt()).isEqualTo(openedAt);
        assertThat(session.state().end()).isEqualTo(openedAt.plus(Policies.ABSOLUTE));
        assertThat(session.listed())
                .extracting(SessionState::id)
                .containsExactly(session.ref().id());
        assertThat(session.recover(7, first, STRICT, lost))
                .isEqualTo(new Rotated(recovered, RotationCause.REPEATED_ATTEMPT));
        successorOf(session.recover(8, second, STRICT, lost), RotationCause.FIRST_USE);
    }

    @Test
    void sessionThatEndedIsNotOpenedAgain() {
        session = session.ofSubject(AttemptId.random().value());
        Instant openedAt = Instant.now().minus(Policies.ABSOLUTE).minusMillis(1);
        assertThat(session.recover(0, first, STRICT, new LostSession(openedAt, openedAt)))
                .isEqualTo(new Expired());
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Unknown());

        session.open(STRICT);
        session.revoke();
        LostSession lost = new LostSession(Instant.now(), Instant.now());
        assertThat(session.recover(0, first, STRICT, lost)).isEqualTo(new Revoked());
        LiveSession another = session.sibling();
        another.open(STRICT);
        another.revokeAll(STRICT);
        LiveSession third = session.sibling();
        assertThat(third.recover(0, first, STRICT, lost)).isEqualTo(new Revoked());
        assertThat(third.rotate(0, STRICT)).isEqualTo(new Unknown());
        LostSession later = new LostSession(Instant.now(), Instant.now().plusSeconds(2));
        successorOf(third.recover(0, first, STRICT, later), RotationCause.RECOVERED);
    }
}
