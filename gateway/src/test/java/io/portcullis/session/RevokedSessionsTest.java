package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The memory of revoked sessions; time is what it is told. */
class RevokedSessionsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(1800);

    private final RevokedSessions revoked = new RevokedSessions(100);

    private static SessionId id() {
        return SessionId.random("app", "ada");
    }

    private static RevokedSession session(SessionId id, Instant until) {
        return new RevokedSession(id, "app", until);
    }

    @Test
    void sessionIsKnownUntilItsLastAccessTokenHasEnded() {
        SessionId id = id();
        assertThat(revoked.isEmpty()).isTrue();

        assertThat(revoked.add(session(id, LATER), NOW)).isZero();

        assertThat(revoked.isEmpty()).isFalse();
        assertThat(revoked.realmOf(id, NOW)).isEqualTo("app");
        assertThat(revoked.realmOf(id, LATER)).isEqualTo("app");
        assertThat(revoked.realmOf(id, LATER.plusMillis(1))).isNull();
        assertThat(revoked.realmOf(id(), NOW)).isNull();
    }

    @Test
    void endedSessionsLeave() {
        SessionId lasting = id();
        IntStream.range(0, 50).forEach(i -> revoked.add(session(id(), NOW.plusSeconds(i)), NOW));
        revoked.add(session(lasting, LATER), NOW);

        revoked.removeEnded(NOW.plusSeconds(25));
        assertThat(revoked.size()).isEqualTo(26);
        revoked.add(session(id(), LATER), NOW.plusSeconds(60));
        assertThat(revoked.size()).isEqualTo(2);
        revoked.removeEnded(LATER.plusSeconds(1));

        assertThat(revoked.isEmpty()).isTrue();
        assertThat(revoked.evictions()).isZero();
    }

    @Test
    void sessionThatHasEndedIsNotAdded() {
        revoked.add(session(id(), NOW.minusMillis(1)), NOW);

        assertThat(revoked.isEmpty()).isTrue();
    }

    @Test
    void ofTwoAnnouncementsOfOneSessionTheLongerStays() {
        SessionId id = id();
        revoked.add(session(id, LATER), NOW);
        revoked.add(session(id, LATER.plusSeconds(60)), NOW);
        revoked.add(session(id, NOW.plusSeconds(1)), NOW);

        assertThat(revoked.size()).isEqualTo(1);
        revoked.removeEnded(LATER.plusSeconds(59));
        assertThat(revoked.realmOf(id, LATER.plusSeconds(60))).isEqualTo("app");
        revoked.removeEnded(LATER.plusSeconds(61));
        assertThat(revoked.isEmpty()).isTrue();
    }

    @Test
    void moreThanTheBoundDisplaceThoseThatEndFirst() {
        List<SessionId> ids = IntStream.range(0, 130).mapToObj(i -> id()).toList();
        int displaced = IntStream.range(0, 130)
                .map(i -> revoked.add(session(ids.get(i), LATER.plusSeconds((i * 37) % 130)), NOW))
                .sum();

        assertThat(revoked.size()).isEqualTo(100);
        assertThat(displaced).isEqualTo(30);
        assertThat(revoked.evictions()).isEqualTo(30);
        assertThat(IntStream.range(0, 130).filter(i -> revoked.realmOf(ids.get(i), NOW) == null))
                .allMatch(i -> (i * 37) % 130 < 30);
    }

    @Test
    void manyThreadsLeaveNoMoreThanTheBoundAndNothingBehind() {
        List<SessionId> ids = IntStream.range(0, 400).mapToObj(i -> id()).toList();

        IntStream.range(0, 40_000).parallel().forEach(i -> {
            revoked.add(session(ids.get(i % 400), LATER.plusMillis(i)), NOW);
            revoked.realmOf(ids.get((i * 7) % 400), NOW);
        });

        assertThat(revoked.size()).isEqualTo(100);
        revoked.removeEnded(LATER.plusSeconds(60));
        assertThat(revoked.isEmpty()).isTrue();
    }

    @Test
    void itIsCompleteOnlyForAWhileAfterItWasToldSo() {
        Duration tolerance = Duration.ofSeconds(30);
        assertThat(revoked.isComplete(NOW, tolerance)).isFalse();

        revoked.complete(NOW);

        assertThat(revoked.isComplete(NOW.plusSeconds(30), tolerance)).isTrue();
        assertThat(revoked.isComplete(NOW.plusSeconds(31), tolerance)).isFalse();
    }

    @Test
    void boundIsPositive() {
        assertThatThrownBy(() -> new RevokedSessions(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRevokedSessionIsFoundWithItsRealmAndItsEnd() {
        SessionId id = id();
        revoked.add(session(id, LATER), NOW);

        assertThat(revoked.find(id, LATER)).isEqualTo(session(id, LATER));
        assertThat(revoked.find(id, LATER.plusMillis(1))).isNull();
        assertThat(revoked.find(id(), NOW)).isNull();
    }

    @Test
    void thoseThatAreToldAreThoseThatHaveNotEnded() {
        SessionId lasting = id();
        revoked.add(session(id(), NOW.plusSeconds(1)), NOW);
        revoked.add(session(lasting, LATER), NOW);

        assertThat(revoked.ids(NOW.plusSeconds(2))).containsExactly(lasting);
    }

    @Test
    void aSessionWhoseLastTokenEndsNowIsKnownStill() {
        SessionId id = id();

        revoked.add(session(id, NOW), NOW);

        assertThat(revoked.realmOf(id, NOW)).isEqualTo("app");
    }

    @Test
    void whatBefallsTheAnnouncementsIsCounted() {
        revoked.missed();
        revoked.interrupted();
        revoked.interrupted();
        revoked.restored();
        revoked.restored();
        revoked.restored();

        assertThat(revoked.misses()).isEqualTo(1);
        assertThat(revoked.interruptions()).isEqualTo(2);
        assertThat(revoked.restorations()).isEqualTo(3);
    }

    @Test
    void aBoundOfOneKeepsTheOneThatEndsLast() {
        RevokedSessions one = new RevokedSessions(1);
        SessionId lasting = id();
        one.add(session(lasting, LATER), NOW);

        assertThat(one.add(session(id(), NOW.plusSeconds(1)), NOW)).isEqualTo(1);

        assertThat(one.ids(NOW)).containsExactly(lasting);
    }
}
