package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis loses of a revocation it is told again: by the replica that revoked, or that is asked for new tokens. */
class KeptRevocationsIT {
    private static final RealmPolicy STRICT = Policies.strict();
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);
    private static final RedisKeys KEYS = new RedisKeys(RedisClients.KEY_PREFIX);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final KeptRevocations kept = new KeptRevocations(2, now::get);
    private RedisServer redis;
    private RedisClients clients;
    private RedisSessionStore store;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 2).connected();
        store = clients.store(0, kept);
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private LiveSession opened() {
        LiveSession session = LiveSession.of("ada@example.org", store);
        session.open(STRICT);
        return session;
    }

    /** As if a server had taken over that never heard of it. */
    private void lose(LiveSession session) {
        assertThat(reason(session)).isNotEmpty();
        StoredRecords record = StoredRecords.of(redis, session.ref().id().value());
        List.of("dead", "dead_at", "dead_gen").forEach(field -> record.set(field, ""));
    }

    private String reason(LiveSession session) {
        return StoredRecords.of(redis, session.ref().id().value()).get("dead");
    }

    private void askAfter(Duration later) {
        now.updateAndGet(before -> before.plus(later));
        kept.askAfter(store, ANSWERS_WITHIN).block(ANSWERS_WITHIN);
    }

    @Test
    void lostRevocationIsWrittenAgainWithItsReason() {
        LiveSession loggedOut = opened();
        LiveSession reused = opened();
        loggedOut.revoke();
        String before = reason(loggedOut);
        reused.rotate(0, STRICT);
        assertThat(reused.rotate(0, STRICT)).isInstanceOf(Reused.class);
        lose(loggedOut);
        lose(reused);

        askAfter(Duration.ofSeconds(1));

        assertThat(reason(loggedOut)).isEqualTo(before);
        assertThat(reason(reused)).isEqualTo("reuse");
        assertThat(clients.revoked(0).restorations()).isEqualTo(2);
    }

    @Test
    void sessionThatEndedWithAllOfItsSubjectIsEndedAgain() {
        LiveSession session = opened();
        session.revokeAll(STRICT);
        redis.command("HDEL", KEYS.sessions(session.ref().subjectHash()), "ended");

        askAfter(Duration.ofSeconds(1));

        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void revocationThatIsThereIsLeftAsItIs() {
        LiveSession session = opened();
        session.revoke();
        String record = redis.command("HGETALL", KEYS.sessions(session.ref().subjectHash()));

        askAfter(Duration.ofSeconds(1));

        assertThat(redis.command("HGETALL", KEYS.sessions(session.ref().subjectHash())))
                .isEqualTo(record);
        assertThat(clients.revoked(0).restorations()).isZero();
    }

    @Test
    void revocationIsAskedAfterForFiveMinutes() {
        LiveSession session = opened();
        session.revoke();
        for (int seconds : new int[] {1, 4, 15, 40}) {
            askAfter(Duration.ofSeconds(seconds));
        }
        lose(session);

        askAfter(Duration.ofSeconds(239));
        String soon = reason(session);
        askAfter(Duration.ofSeconds(1));

        assertThat(soon).isEmpty();
        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void whatRedisDoesNotAnswerIsAskedAgain() {
        LiveSession session = opened();
        session.revoke();
        lose(session);
        redis.pause();
        now.updateAndGet(before -> before.plusSeconds(1));
        kept.askAfter(store, Duration.ofMillis(50)).block(ANSWERS_WITHIN);
        redis.resume();

        askAfter(Duration.ofSeconds(1));

        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void sessionsThatRedisDoesNotAnswerForHoldUpNoOthers() {
        KeptRevocations many = new KeptRevocations(100, now::get);
        RedisSessionStore revoking = clients.store(1, many);
        for (int i = 0; i < 20; i++) {
            LiveSession away = LiveSession.of("ada@example.org", revoking);
            away.open(STRICT);
            away.revoke();
        }
        now.updateAndGet(before -> before.plusMillis(1));
        LiveSession session = LiveSession.of("eve@example.org", revoking);
        session.open(STRICT);
        session.revoke();
        lose(session);
        redis.command(
                "ACL",
                "SETUSER",
                RedisUsers.GATEWAY,
                "resetkeys",
                "~" + KEYS.sessions(session.ref().subjectHash()),
                "~*revocations");

        now.updateAndGet(before -> before.plusSeconds(1));
        for (int round = 0; round < 4; round++) {
            many.askAfter(revoking, ANSWERS_WITHIN).block(ANSWERS_WITHIN);
        }
        // which the server would take for a mistake
        redis.command("ACL", "LOG", "RESET");

        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void recordThatCannotBeReadIsNotAskedAfterForEver() {
        LiveSession session = opened();
        session.revoke();
        lose(session);
        StoredRecords.of(redis, session.ref().id().value()).setFormat(2);
        askAfter(Duration.ofSeconds(1));
        StoredRecords.of(redis, session.ref().id().value()).setFormat(1);

        askAfter(Duration.ZERO);
        String asked = reason(session);
        askAfter(Duration.ofSeconds(4));

        assertThat(asked).isEmpty();
        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void ofTooManyTheNewestAreKept() {
        LiveSession first = opened();
        LiveSession second = opened();
        LiveSession third = opened();
        first.revoke();
        askAfter(Duration.ofSeconds(1));
        second.revoke();
        third.revoke();
        lose(first);
        lose(second);
        lose(third);

        askAfter(Duration.ofMinutes(5));

        assertThat(reason(first)).isEmpty();
        assertThat(reason(second)).isNotEmpty();
        assertThat(reason(third)).isNotEmpty();
    }

    @Test
    void replicaThatKnowsOfALostRevocationGivesNoTokens() {
        LiveSession session = opened();
        session.revoke();
        lose(session);

        assertThat(session.rotate(0, STRICT)).isInstanceOf(Revoked.class);

        assertThat(reason(session)).isNotEmpty();
    }

    @Test
    void replicaThatDoesNotKnowOfItWouldGiveSome() {
        LiveSession session = opened();
        session.revoke();
        lose(session);

        assertThat(new LiveSession(clients.store(1), session.ref()).rotate(0, STRICT))
                .isInstanceOf(Rotated.class);
    }
}
