package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portcullis.redis.RevocationStream.Announcement;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.SessionId;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What is announced, until when, and what becomes of it while Redis does not answer. */
class RevocationStreamIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String STREAM = RedisClients.KEY_PREFIX + "revocations";
    private static final int ROOM = 10_000;

    private RedisServer redis;
    private RedisClients clients;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private static Announcement announcement() {
        return new Announcement(SessionId.random("app", "ada"), "app", 0);
    }

    private List<String> announced() {
        return redis.command("XRANGE", STREAM, "-", "+").lines().toList();
    }

    private Instant announcedEnd(SessionId session) {
        List<String> words = announced();
        int until = words.lastIndexOf(session.value()) + 4;
        return Instant.ofEpochMilli(Long.parseLong(words.get(until)));
    }

    private void freeze(RevocationStream stream, List<Announcement> sessions) {
        redis.pause();
        assertThatThrownBy(() -> stream.announce(sessions).block(SOON)).isInstanceOf(StoreUnavailableException.class);
    }

    /** A connection that was silent for so long has been given up. */
    private static void onceConnectedAgain(Mono<Void> announcing) {
        announcing
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(20))
                        .filter(StoreUnavailableException.class::isInstance))
                .block(SOON);
    }

    @Test
    void whatThereIsNoRoomForIsRefusedAndAnnouncedByWhoeverFindsIt() {
        RevokedSessions known = new RevokedSessions(2 * ROOM);
        RevocationStream stream = clients.announcing(0, known, 1);
        freeze(
                stream,
                Stream.generate(RevocationStreamIT::announcement).limit(ROOM).toList());
        Announcement late = announcement();
        assertThatThrownBy(() -> stream.announce(List.of(late)).block(SOON))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(known.realmOf(late.id(), Instant.now())).isNull();

        redis.resume();
        onceConnectedAgain(stream.announceIfNews(late));

        assertThat(announced()).contains(late.id().value());
        assertThat(known.realmOf(late.id(), Instant.now())).isEqualTo("app");
    }

    @Test
    void sessionThatIsKnownAndWasNotAnnouncedIsAnnouncedBeforeItIsAnswered() {
        RevokedSessions known = new RevokedSessions(ROOM);
        RevocationStream stream = clients.announcing(0, known, ROOM);
        Announcement session = announcement();
        freeze(stream, List.of(session));
        assertThatThrownBy(() -> stream.announceIfNews(session).block(SOON))
                .isInstanceOf(StoreUnavailableException.class);

        redis.resume();
        onceConnectedAgain(stream.announceIfNews(session));

        assertThat(announced()).contains(session.id().value());
    }

    @Test
    void endOfAllSessionsAnnouncesWhenTheLastAccessTokenOfEachExpires() {
        LiveSession session = LiveSession.of("bea", clients.store(0));
        LiveSession other = session.sibling();
        Instant end = Instant.now().plusSeconds(3600);
        session.open(Policies.strict(), end);
        other.open(Policies.strict(), end.plusSeconds(60));

        session.revokeAll(Policies.strict());

        assertThat(announcedEnd(session.ref().id()).toEpochMilli()).isEqualTo(end.toEpochMilli());
        assertThat(announcedEnd(other.ref().id()).toEpochMilli())
                .isEqualTo(end.plusSeconds(60).toEpochMilli());
    }

    @Test
    void endIsThatOfTheLongestAccessTokenAlsoAfterLifetimesWereShortened() {
        LiveSession session = LiveSession.of("ada", clients.store(0));
        RealmPolicy shortened = Policies.strict();
        RealmPolicy before = Policies.withAccessTokens(shortened, Duration.ofMinutes(50));
        session.open(shortened);
        Instant minted = Instant.now();
        session.rotate(0, before);
        session.rotate(1, shortened);

        session.revoke();

        assertThat(announcedEnd(session.ref().id()))
                .isBetween(
                        minted.plus(before.accessTokenLifetime()), Instant.now().plus(before.accessTokenLifetime()));
    }

    @Test
    void accessTokenThatIsHandedOutASecondTimeCountsAsWell() {
        LiveSession session = LiveSession.of("ada", clients.store(0));
        RealmPolicy grace = Policies.withGrace(Duration.ofHours(1));
        session.open(grace);
        session.rotate(0, grace);
        RealmPolicy longer = Policies.withAccessTokens(grace, Duration.ofMinutes(50));
        Instant minted = Instant.now();
        assertThat(session.rotate(0, longer)).isInstanceOf(Replayed.class);

        session.revoke();

        assertThat(announcedEnd(session.ref().id()))
                .isAfter(minted.plus(longer.accessTokenLifetime()).minusSeconds(1));
    }
}
