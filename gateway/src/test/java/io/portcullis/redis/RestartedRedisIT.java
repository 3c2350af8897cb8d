package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restart of Redis that is over before a call's budget is: whoever waits does not learn of it. */
class RestartedRedisIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final RealmPolicy STRICT = Policies.strict();

    private final KeptCalls marks = new KeptCalls(10, Duration.ofMinutes(10));
    private RedisServer redis;
    private RedisClients clients;
    private ResilientSessionStore store;
    private LiveSession session;

    @BeforeEach
    void start() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        clients = new RedisClients(redis, 1).connected();
        store = new ResilientSessionStore(
                clients.store(0),
                CircuitBreaker.ofDefaults("store"),
                marks,
                new Unsettled(),
                SOON,
                Duration.ofMillis(300),
                InstantSource.system());
        session = LiveSession.of("ada@example.org", store);
        session.open(STRICT);
        session.rotate(0, STRICT);
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private CompletableFuture<RotationOutcome> rotating(long presented) {
        return store.rotate(new Rotation(session.ref(), presented, AttemptId.random(), STRICT, null))
                .toFuture();
    }

    private static void assertRotated(CompletableFuture<RotationOutcome> outcome, long generation) throws Exception {
        assertThat(outcome.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Rotated.class,
                        rotated -> assertThat(rotated.successor().generation()).isEqualTo(generation));
    }

    @Test
    void whoAsksWhileRedisIsDownIsAnsweredWhenItIsBack() throws Exception {
        redis.stop();
        CompletableFuture<RotationOutcome> outcome = rotating(1);

        redis.startAgain();

        assertRotated(outcome, 2);
        assertRotated(rotating(2), 3);
        assertThat(marks.size()).isZero();
    }

    @Test
    void whoHasAskedWhenRedisDiesIsAnsweredWhenItIsBack() throws Exception {
        redis.freezeWrites();
        CompletableFuture<RotationOutcome> outcome = rotating(1);
        redis.awaitFrozenWrite();
        redis.kill();

        redis.startAgain();

        assertRotated(outcome, 2);
        assertRotated(rotating(2), 3);
        assertThat(marks.size()).isZero();
    }
}
