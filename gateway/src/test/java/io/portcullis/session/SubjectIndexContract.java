package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a store tells of a subject's sessions. */
public abstract class SubjectIndexContract extends AdoptionContract {
    @BeforeEach
    void nameASubjectOfItsOwn() {
        session = session.ofSubject(AttemptId.random().value());
    }

    @Test
    void sessionIsFoundByItsIdAlone() {
        Successor opened = session.open(STRICT);
        Successor newest = session.successor(0, first, STRICT);

        SessionState state = session.state();

        assertThat(state.id()).isEqualTo(session.ref().id());
        assertThat(state.realm()).isEqualTo("app");
        assertThat(state.subject()).isEqualTo(session.ref().subjectHash());
        assertThat(state.generation()).isEqualTo(1);
        assertThat(state.openedAt()).isEqualTo(opened.issuedAt());
        assertThat(state.rotatedAt()).isEqualTo(newest.issuedAt());
        assertThat(state.end()).isEqualTo(opened.issuedAt().plus(Policies.ABSOLUTE));
        assertThat(state.expiresAt(STRICT)).isEqualTo(newest.expiresAt());
        assertThat(state.tombstone()).isNull();
        assertThat(state.isLive(STRICT)).isTrue();
    }

    @Test
    void sessionNobodyOpenedIsMissing() {
        assertThat(session.find()).isEqualTo(new SessionLookup.Missing());
        assertThat(session.listed()).isEmpty();
        assertThat(session.revokeById()).isEqualTo(Revocation.UNKNOWN);
    }

    @Test
    void sessionIsRevokedByItsIdAlone() {
        session.open(STRICT);

        assertThat(session.revokeById()).isEqualTo(Revocation.REVOKED);
        assertThat(session.revokeById()).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(session.rotate(0, STRICT)).isEqualTo(new Revoked());
        assertThat(session.state().tombstone().reason()).isEqualTo(RevocationReason.ADMIN);
    }

    @Test
    void listHoldsTheSubjectsSessionsInTheRealmAndNoOthers() {
        List<LiveSession> own = List.of(session, session.sibling(), session.sibling());
        own.forEach(one -> one.open(STRICT));
        session.sibling().inAnotherRealm().open(STRICT);
        session.ofSubject(AttemptId.random().value()).open(STRICT);

        List<SessionState> listed = session.listed();

        assertThat(listed)
                .extracting(SessionState::id)
                .containsExactlyInAnyOrderElementsOf(
                        own.stream().map(one -> one.ref().id()).toList());
        assertThat(listed).extracting(SessionState::openedAt).isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(own.stream()
                        .map(one -> at(one.state(), listed.get(0).asOf()))
                        .toList());
    }

    @Test
    void adoptedSessionIsListed() {
        session.adopt(first, STRICT, Instant.now().plus(HOUR));

        assertThat(session.listed()).singleElement().satisfies(one -> {
            assertThat(one.generation()).isEqualTo(1);
            assertThat(one.openedAt()).isEqualTo(one.rotatedAt());
        });
    }

    @Test
    void listSaysWhichSessionsHaveEndedAndWhy() {
        LiveSession reused = session.sibling();
        LiveSession loggedOut = session.sibling();
        List.of(session, reused, loggedOut).forEach(one -> one.open(STRICT));
        reused.rotate(0, STRICT);
        reused.rotate(1, STRICT);
        assertThat(reused.rotate(0, STRICT)).isInstanceOf(Reused.class);
        loggedOut.revoke();

        assertThat(tombstoneOf(session)).isNull();
        assertThat(tombstoneOf(reused).reason()).isEqualTo(RevocationReason.REUSE);
        assertThat(tombstoneOf(reused).presented()).isZero();
        assertThat(tombstoneOf(loggedOut).reason()).isEqualTo(RevocationReason.LOGOUT);
        session.revokeAll(STRICT);
        assertThat(tombstoneOf(session).reason()).isEqualTo(RevocationReason.SUBJECT);
        assertThat(session.state().isLive(STRICT)).isFalse();
        assertThat(tombstoneOf(loggedOut).reason()).isEqualTo(RevocationReason.LOGOUT);
        assertThat(tombstoneOf(loggedOut).at())
                .isAfterOrEqualTo(loggedOut.state().openedAt());
    }

    Tombstone tombstoneOf(LiveSession one) {
        SessionState listed = session.listed().stream()
                .filter(state -> state.id().equals(one.ref().id()))
                .findFirst()
                .orElseThrow();
        assertThat(at(one.state(), listed.asOf())).isEqualTo(listed);
        return listed.tombstone();
    }

    private static SessionState at(SessionState state, Instant asOf) {
        return new SessionState(
                state.id(),
                state.realm(),
                state.subject(),
                state.generation(),
                state.openedAt(),
                state.rotatedAt(),
                state.end(),
                state.tombstone(),
                asOf);
    }
}
