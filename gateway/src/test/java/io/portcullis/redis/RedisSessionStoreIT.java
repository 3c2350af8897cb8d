package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.AttemptId;
import io.portcullis.session.ChangedClaimsContract;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.ReuseAction;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

class RedisSessionStoreIT extends ChangedClaimsContract {
    private static RedisServer redis;
    private static RedisClients clients;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @Override
    protected SessionStore store() {
        return clients.store(0);
    }

    @Test
    void redisThatForgotItsScriptsIsToldThemAgain() {
        LiveSession session = LiveSession.of("ada", store());
        session.open(Policies.strict());
        redis.command("SCRIPT", "FLUSH");

        assertThat(session.rotate(0, Policies.strict())).isInstanceOf(Rotated.class);
    }

    @Test
    void redisThatIsAwayIsNoAnswer() {
        try (RedisServer server = RedisServer.start();
                RedisClients client = new RedisClients(server, 1).connected()) {
            LiveSession session = LiveSession.of("ada", client.store(0));
            session.open(Policies.strict());
            server.kill();

            assertThatThrownBy(() -> session.rotate(0, Policies.strict()))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> session.open(Policies.strict())).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(session::revoke).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> session.markUndelivered(1, AttemptId.random()))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void redisThatWasNotThereYetIsNoAnswerUntilItComes() {
        try (RedisServer server = RedisServer.start();
                RedisClients client = new RedisClients(server, 1)) {
            server.kill();
            LiveSession session = LiveSession.of("ada", client.store(0));

            assertThatThrownBy(() -> session.open(Policies.strict())).isInstanceOf(StoreUnavailableException.class);
            server.startAgain();

            await().ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                    .until(() -> session.open(Policies.strict()).generation() == 0);
        }
    }

    @Test
    void attemptWhoseAnswerWasLostIsAnsweredWhenItIsRepeated() {
        try (RedisServer server = RedisServer.start();
                RedisClients client = new RedisClients(server, 1).connected()) {
            LiveSession session = LiveSession.of("ada", client.store(0));
            AttemptId attempt = AttemptId.random();
            session.open(Policies.strict());
            // so that the script is known and runs as soon as Redis reads on
            session.rotate(0, Policies.strict());
            server.pause();
            assertThatThrownBy(() -> session.rotate(1, attempt, Policies.strict()))
                    .isInstanceOf(StoreUnavailableException.class);
            server.resume();

            RotationOutcome outcome = await().ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                    .until(() -> session.rotate(1, attempt, Policies.strict()), Rotated.class::isInstance);

            assertThat(((Rotated) outcome).successor().generation()).isEqualTo(2);
            assertThat(((Rotated) outcome).cause()).isEqualTo(RotationCause.REPEATED_ATTEMPT);
        }
    }

    @Test
    void tombstoneOutlivesTheAccessTokenOfItsLogin() {
        Duration usual = Policies.IDLE.plusMinutes(1);
        assertThat(lifeOfTombstone(Instant.now().plusSeconds(1))).isLessThanOrEqualTo(usual);
        assertThat(lifeOfTombstone(Instant.now().plus(Duration.ofHours(5))))
                .isBetween(Duration.ofHours(5), Duration.ofHours(5).plusMinutes(2));
        // one that never ends ends with the session
        assertThat(lifeOfTombstone(null)).isBetween(Policies.ABSOLUTE, Policies.ABSOLUTE.plusMinutes(2));
        assertThat(lifeOfTombstone(Instant.now().plus(Duration.ofDays(10_000))))
                .isLessThan(Policies.ABSOLUTE.plusMinutes(2));
    }

    @Test
    void accessTokenThatOutlivesItsSessionEndsWithAllOfItsSubject() {
        Duration shortly = Duration.ofSeconds(1);
        RealmPolicy policy = Policies.lasting(shortly, shortly);
        LiveSession session = await().until(() -> opened(policy), one -> one.rotate(0, policy) instanceof Rotated);
        await().until(session::state, state -> state.asOf().isAfter(state.end()));

        assertThat(session.revokeAll(policy).now())
                .containsExactly(session.ref().id());
        assertThat(session.revokeAll(policy).before())
                .containsExactly(session.ref().id());
    }

    /** After a rotation too. */
    private Duration lifeOfTombstone(@Nullable Instant accessTokenEnd) {
        LiveSession session = LiveSession.of("ada", store());
        session.open(Policies.strict(), accessTokenEnd);
        session.rotate(0, Policies.strict());
        session.revoke();
        String record =
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id());
        return Duration.ofMillis(Long.parseLong(redis.command("PTTL", record)));
    }

    private LiveSession opened(RealmPolicy policy) {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        session.open(policy);
        return session;
    }

    /** The first version wrote as much at least, and a tombstone without more. */
    private LiveSession earlierRecord() {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        RedisKeys keys = new RedisKeys(RedisClients.KEY_PREFIX);
        String subject = session.ref().subjectHash().value();
        String record = keys.session(session.ref().id());
        long now = Instant.now().toEpochMilli();
        String at = Long.toString(now - 1000);
        String end = Long.toString(now + Policies.ABSOLUTE.toMillis());
        redis.command(
                "HSET", record, "v", "1", "realm", "app", "sub", subject, "gen", "3", "at", at, "by", "x", "end", end);
        redis.command("PEXPIREAT", record, end);
        redis.command(
                "ZADD",
                keys.sessions("app", session.ref().subjectHash()),
                end,
                session.ref().id().value());
        return session;
    }

    @Test
    void recordOfAnEarlierGatewayIsReadByEveryScript() {
        LiveSession session = earlierRecord();
        RealmPolicy report = Policies.of(Duration.ZERO, ReuseAction.REPORT);
        Instant rotatedAt = session.state().rotatedAt();
        session.changeClaims(Map.of("role", "1"), report);

        assertThat(session.rotate(0, report)).isInstanceOf(Reported.class);
        assertThat(session.rotate(2, report)).isInstanceOf(Reported.class);
        assertThat(session.open(report).generation()).isZero();
        assertThat(session.markUndelivered(3, new AttemptId("x"))).isFalse();
        assertThat(session.state().openedAt()).isEqualTo(rotatedAt);
        assertThat(session.listed()).hasSize(1);
        session.sibling().open(Policies.limited(report, 2));
        assertThat(session.rotate(3, report)).isInstanceOf(Rotated.class);
        assertThat(session.rotate(4, report)).isInstanceOf(Rotated.class);
        assertThat(session.revoke()).isEqualTo(Revocation.REVOKED);
        LiveSession limited = earlierRecord();
        assertThat(limited.sibling().open(Policies.limited(report, 1)).ended())
                .containsExactly(limited.ref().id());
    }

    @Test
    void tombstoneOfAnEarlierGatewayIsShown() {
        LiveSession session = earlierRecord();
        String record =
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id());
        redis.command("HSET", record, "dead", "logout");

        assertThat(session.state().tombstone())
                .isEqualTo(
                        new Tombstone(RevocationReason.LOGOUT, session.state().rotatedAt(), 3));
        assertThat(session.listed())
                .singleElement()
                .satisfies(one ->
                        assertThat(one.tombstone()).isEqualTo(session.state().tombstone()));
        assertThat(session.rotate(3, Policies.strict())).isEqualTo(new Revoked());
        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
    }

    @Test
    void endOfAllSessionsThatAnEarlierGatewayNotedIsRead() {
        LiveSession session = earlierRecord();
        String note = new RedisKeys(RedisClients.KEY_PREFIX)
                .ended("app", session.ref().subjectHash());
        redis.command("SET", note, Instant.now().toEpochMilli() + " subject");

        assertThat(session.state().tombstone().reason()).isEqualTo(RevocationReason.SUBJECT);
        assertThat(session.rotate(3, Policies.strict())).isEqualTo(new Revoked());
        assertThat(session.revokeAll(Policies.strict()).now())
                .containsExactly(session.ref().id());
    }

    @Test
    void recordOfAnUnknownFormatIsNoAnswer() {
        LiveSession session = LiveSession.of("ada", store());
        session.open(Policies.strict());
        String record =
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id());
        redis.command("HSET", record, "v", "2");

        assertThatThrownBy(() -> session.rotate(0, Policies.strict()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasCauseInstanceOf(DataAccessException.class)
                .hasStackTraceContaining("record format 2");
    }
}
