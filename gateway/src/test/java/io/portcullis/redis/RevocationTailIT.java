package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import io.portcullis.redis.RevocationStream.Announcement;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.SessionId;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One replica revokes, another follows, and what is between them breaks: security.md, 43. */
class RevocationTailIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int ANNOUNCED_AT_ONCE = 700;
    private static final String STREAM = RedisClients.KEY_PREFIX + "revocations";

    private RedisServer redis;
    private CuttableLink link;
    private RedisClients revoking;
    private RedisClients following;
    private RevocationTail tail;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        link = new CuttableLink(redis.port());
        revoking = new RedisClients(redis, 1).connected();
        following = new RedisClients(link.port(), 1).connected();
        tail = following.tail(0);
    }

    @AfterEach
    void end() {
        tail.stop();
        following.close();
        revoking.close();
        link.close();
        redis.close();
    }

    private void follow() {
        tail.start();
        assertThat(tail.awaitCaughtUp(SOON)).isTrue();
    }

    private SessionId revoke() {
        LiveSession session = LiveSession.of("ada", revoking.store(0));
        session.open(Policies.strict());
        session.revoke();
        return session.ref().id();
    }

    private static boolean isKnown(RedisClients replica, SessionId session) {
        return "app".equals(replica.revoked(0).realmOf(session, Instant.now()));
    }

    private void awaitKnown(SessionId session) {
        await().atMost(SOON).until(() -> isKnown(following, session));
    }

    private void announce(int sessions) {
        for (int left = sessions; left > 0; left -= ANNOUNCED_AT_ONCE) {
            revoking.revocations(0)
                    .announce(Stream.generate(() -> new Announcement(SessionId.random("ada"), "app", 0L))
                            .limit(Math.min(left, ANNOUNCED_AT_ONCE))
                            .toList())
                    .block(SOON);
        }
    }

    @Test
    void revocationIsKnownToWhoeverMadeItAndReachesOthers() {
        follow();

        SessionId session = revoke();

        assertThat(isKnown(revoking, session)).isTrue();
        awaitKnown(session);
        assertThat(following.lags()).isNotEmpty().allMatch(lag -> !lag.isNegative() && lag.compareTo(SOON) < 0);
    }

    @Test
    void lagIsToldRightByAClockThatIsOff() {
        tail = following.tail(0, InstantSource.offset(InstantSource.system(), Duration.ofHours(1)));
        follow();

        revoke();

        await().atMost(SOON).until(() -> !following.lags().isEmpty());
        assertThat(following.lags()).allMatch(lag -> lag.compareTo(SOON) < 0);
    }

    @Test
    void whatWasRevokedBeforeIsKnownOnceCaughtUp() {
        SessionId first = revoke();
        announce(500);
        SessionId last = revoke();

        follow();

        assertThat(isKnown(following, first)).isTrue();
        assertThat(isKnown(following, last)).isTrue();
        assertThat(following.lags()).isEmpty();
    }

    @Test
    @SecurityLine(43)
    void replicaThatWasCutOffCatchesUp() {
        follow();
        link.cut();
        SessionId missed = revoke();
        assertThat(isKnown(following, missed)).isFalse();

        link.mend();

        awaitKnown(missed);
        awaitKnown(revoke());
        assertThat(following.revoked(0).misses()).isZero();
    }

    @Test
    void connectionThatFellSilentIsReplaced() {
        follow();
        link.silence();
        SessionId missed = revoke();

        awaitKnown(missed);
        awaitKnown(revoke());
    }

    @Test
    void connectionThatRedisEndedIsReplaced() {
        follow();
        redis.command("CLIENT", "KILL", "TYPE", "normal");
        SessionId session = await().atMost(SOON).ignoreExceptions().until(this::revoke, id -> true);

        awaitKnown(session);
    }

    @Test
    void redisThatWasFrozenIsFollowedAgain() {
        follow();
        redis.pause();
        Instant frozen = Instant.now();
        await().atMost(SOON)
                .until(() -> !following.revoked(0).isComplete(Instant.now(), Duration.between(frozen, Instant.now())));
        redis.resume();

        awaitKnown(await().atMost(SOON).ignoreExceptions().until(this::revoke, id -> true));
    }

    @Test
    void redisThatForgotEverythingIsFollowedAgain() {
        follow();
        SessionId before = revoke();
        awaitKnown(before);
        redis.command("FLUSHALL");
        awaitKnown(revoke());
        redis.kill();
        redis.startAgain();

        awaitKnown(await().atMost(SOON).ignoreExceptions().until(this::revoke, id -> true));
        assertThat(isKnown(following, before)).isTrue();
    }

    @Test
    void serverWhoseClockIsBehindIsFollowed() {
        follow();
        awaitKnown(revoke());
        redis.kill();
        redis.startAgain();
        SessionId session = SessionId.random("ada");
        String until = Long.toString(Instant.now().plusSeconds(60).toEpochMilli());

        redis.command("XADD", STREAM, "5-1", "sid", session.value(), "realm", "app", "until", until);

        awaitKnown(session);
    }

    @Test
    void redisThatIsNotThereIsWaitedForNoLongerThanAllowed() {
        redis.kill();
        tail.start();

        assertThat(tail.awaitCaughtUp(Duration.ofMillis(300))).isFalse();
        assertThat(following.revoked(0).isComplete(Instant.now(), Duration.ofDays(1)))
                .isFalse();
        redis.startAgain();

        assertThat(tail.awaitCaughtUp(SOON)).isTrue();
    }

    @Test
    void streamIsBoundedAndDoesNotStay() {
        announce(5000);

        assertThat(Long.parseLong(redis.command("XLEN", STREAM)))
                .isBetween((long) RedisClients.REVOCATIONS_KEPT, RedisClients.REVOCATIONS_KEPT + 200L);
        assertThat(Long.parseLong(redis.command("PTTL", STREAM)))
                .isBetween(1L, Duration.ofMinutes(7).toMillis());
        assertThat(revoking.revoked(0).size()).isEqualTo(RedisClients.REVOCATIONS_KEPT);
    }

    @Test
    void moreThanTheStreamKeepsWhileCutOffIsNoticed() {
        follow();
        awaitKnown(revoke());
        link.cut();
        announce(2 * RedisClients.REVOCATIONS_KEPT);
        link.mend();

        await().atMost(SOON).until(() -> following.revoked(0).misses() == 1);
        awaitKnown(revoke());
    }

    @Test
    void whatCannotBeReadIsPassedOver() {
        follow();
        redis.command("XADD", STREAM, "*", "of", "another version");
        redis.command("XADD", STREAM, "*", "sid", "short", "realm", "app", "until", "9999999999999");
        redis.command("XADD", STREAM, "*", "sid", SessionId.random("ada").value(), "realm", "app", "until", "soon");

        awaitKnown(revoke());
    }

    @Test
    void whatCouldNotBeAnnouncedIsAnnouncedLater() {
        follow();
        revoking.tail(0).start();
        redis.kill();
        SessionId session = SessionId.random("ada");
        assertThatThrownBy(() -> revoking.revocations(0)
                        .announce(List.of(new Announcement(session, "app", 0L)))
                        .block(SOON))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(isKnown(revoking, session)).isTrue();
        assertThat(isKnown(following, session)).isFalse();

        redis.startAgain();

        awaitKnown(session);
    }

    @Test
    void sessionThatIsFoundRevokedIsAnnouncedOnce() {
        follow();
        LiveSession session = LiveSession.of("ada", revoking.store(0));
        session.open(Policies.strict());
        session.rotate(0, Policies.strict());
        assertThat(session.rotate(0, Policies.strict())).isInstanceOf(Reused.class);
        awaitKnown(session.ref().id());
        // as if whoever revoked it had died before announcing it
        redis.command("DEL", STREAM);
        LiveSession elsewhere = new LiveSession(following.store(0), session.ref());
        try (RedisClients third = new RedisClients(redis, 1).connected()) {
            LiveSession there = new LiveSession(third.store(0), session.ref());

            assertThat(elsewhere.rotate(1, Policies.strict())).isEqualTo(new Revoked());
            assertThat(redis.command("XLEN", STREAM)).isEqualTo("0");
            assertThat(there.rotate(1, Policies.strict())).isEqualTo(new Revoked());
            assertThat(there.rotate(1, Policies.strict())).isEqualTo(new Revoked());

            assertThat(redis.command("XLEN", STREAM)).isEqualTo("1");
            assertThat(isKnown(third, session.ref().id())).isTrue();
        }
    }

    @Test
    void allSessionsOfASubjectAreAnnouncedAndNoOthers() {
        follow();
        LiveSession stranger = LiveSession.of("eve", revoking.store(0));
        stranger.open(Policies.strict());
        List<LiveSession> sessions = Stream.generate(() -> LiveSession.of("ada", revoking.store(0)))
                .limit(250)
                .toList();
        sessions.forEach(session -> session.open(Policies.strict()));

        assertThat(sessions.get(0).revokeAll(Policies.strict()).now()).hasSize(250);

        assertThat(redis.command("XLEN", STREAM)).isEqualTo("250");
        sessions.forEach(session -> awaitKnown(session.ref().id()));
        assertThat(isKnown(following, stranger.ref().id())).isFalse();
    }
}
