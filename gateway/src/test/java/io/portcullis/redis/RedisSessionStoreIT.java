package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.AttemptId;
import io.portcullis.session.ChangedClaims;
import io.portcullis.session.ChangedClaimsContract;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
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
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        session.open(Policies.strict(), accessTokenEnd);
        session.rotate(0, Policies.strict());
        session.revoke();
        String key = StoredRecords.key(session.ref().id().value());
        return Duration.ofMillis(Long.parseLong(redis.command("PTTL", key)));
    }

    private LiveSession opened(RealmPolicy policy) {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        session.open(policy);
        return session;
    }

    @Test
    void recordOfAnUnknownFormatIsNoAnswer() {
        LiveSession session = LiveSession.of("ada", store());
        session.open(Policies.strict());
        StoredRecords.of(redis, session.ref().id().value()).setFormat(2);

        assertThatThrownBy(() -> session.rotate(0, Policies.strict()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasCauseInstanceOf(DataAccessException.class)
                .hasStackTraceContaining("the format of a record is not known here");
    }

    /** Whose last refresh token was made when sessions could be idle for longer. */
    @Test
    void revokedSessionIsRememberedUntilItsEndWhateverIdleLifetimesAreNow() {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        session.open(Policies.strict());
        session.revoke();
        StoredRecords record = StoredRecords.of(redis, session.ref().id().value());
        long idleFor = Policies.IDLE.plusMinutes(10).toMillis();
        record.ago(idleFor);
        record.set("own", "1000");

        session.sibling().open(Policies.limited(Policies.strict(), 1));

        assertThat(record.get("dead")).isNotEmpty();
        assertThat(session.rotate(0, Policies.strict())).isEqualTo(new Revoked());
    }

    @Test
    void loginReadsThoseThatAreLiveHoweverManyHaveEnded() {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        RealmPolicy two = Policies.limited(Policies.strict(), 2);
        redis.command("CONFIG", "RESETSTAT");

        for (int i = 0; i < 100; i++) {
            session.sibling().open(two);
        }

        assertThat(session.listed().stream().filter(one -> one.isLive(two))).hasSize(2);
        // each time that there are twice as many, and for the list
        assertThat(redis.command("INFO", "commandstats")).containsPattern("cmdstat_hgetall:calls=[1-9],");
    }

    @Test
    void claimThatChangedBeforeAnySessionThereMayBeIsNotForAnAdoptedOne() {
        LiveSession session = LiveSession.of(AttemptId.random().value(), store());
        session.changeClaims(Map.of("role", "1"), Policies.strict());
        StoredRecords.of(redis, session.ref().id().value()).claim("role", "1", "1000");

        RotationOutcome adopted = session.adopt(
                AttemptId.random(), Policies.strict(), Instant.now().plus(Policies.IDLE));

        assertThat(((Rotated) adopted).successor().changed()).isEqualTo(ChangedClaims.NONE);
    }
}
