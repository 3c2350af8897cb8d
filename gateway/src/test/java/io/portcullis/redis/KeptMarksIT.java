package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.StoreUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Rotations that Redis carried out and whose answer was lost, with a replica on a bad line and one on a good one. */
class KeptMarksIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration SENDING = Duration.ofMillis(300);
    private static final RealmPolicy STRICT = Policies.strict();

    private final KeptCalls marks = new KeptCalls(2, Duration.ofMinutes(10));
    private final AttemptId attempt = AttemptId.random();
    private RedisServer redis;
    private FaultyProxy line;
    private RedisClients there;
    private RedisClients here;
    private ResilientSessionStore store;
    private LiveSession session;
    private LiveSession elsewhere;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        line = FaultyProxy.before(redis.port());
        here = new RedisClients(line.port(), 1).connected();
        there = new RedisClients(redis, 1).connected();
        store = new ResilientSessionStore(
                here.store(0),
                CircuitBreaker.ofDefaults("store"),
                marks,
                new Unsettled(),
                Duration.ofSeconds(1),
                SENDING,
                InstantSource.system());
        session = LiveSession.of("ada@example.org", store);
        elsewhere = new LiveSession(there.store(0), session.ref());
        session.open(STRICT);
        session.rotate(0, STRICT);
    }

    @AfterEach
    void end() throws IOException {
        here.close();
        there.close();
        line.close();
        redis.close();
    }

    private String stored(String field) {
        return redis.command(
                "HGET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                field);
    }

    /** Rotates the token of generation 1, of which this replica hears nothing. */
    private void rotateUnanswered() {
        line.swallowAfter(Direction.TO_CLIENT, 0);
        assertThatThrownBy(() -> session.rotate(1, attempt, STRICT)).isInstanceOf(StoreUnavailableException.class);
        assertThat(stored("gen")).isEqualTo("2");
        assertThat(marks.size()).isEqualTo(1);
    }

    private void mend() {
        // what was swallowed is lost, and so is its connection
        line.refuse();
        line.cutNow(End.RST);
        line.behave();
    }

    private void awaitMarks() {
        await().atMost(SOON).until(() -> {
            marks.repeat(Instant.now()).block(SOON);
            return marks.size() == 0;
        });
    }

    @Test
    void rotationThatWasNotAnsweredIsContinuedByAnyReplicaOnceRedisIsTold() {
        rotateUnanswered();
        marks.repeat(Instant.now()).block(SOON);
        assertThat(marks.size()).isEqualTo(1);
        mend();

        awaitMarks();

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOfSatisfying(Rotated.class, rotated -> {
            assertThat(rotated.cause()).isEqualTo(RotationCause.UNDELIVERED);
            assertThat(rotated.successor().generation()).isEqualTo(2);
        });
        assertThat(elsewhere.rotate(2, STRICT)).isInstanceOf(Rotated.class);
    }

    @Test
    void withoutTheMarkItIsNotContinued() {
        rotateUnanswered();

        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
    }

    @Test
    void whoComesBackToTheSameReplicaIsAnsweredAndNothingIsMarked() {
        rotateUnanswered();
        mend();

        RotationOutcome outcome = await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.rotate(1, attempt, STRICT), Rotated.class::isInstance);
        awaitMarks();

        assertThat(((Rotated) outcome).cause()).isEqualTo(RotationCause.REPEATED_ATTEMPT);
        assertThat(stored("lost")).isEmpty();
        assertThat(session.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void markDoesNotUndoARevocation() {
        rotateUnanswered();
        elsewhere.revoke();
        mend();

        awaitMarks();

        assertThat(stored("lost")).isEmpty();
        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Revoked.class);
        assertThat(elsewhere.rotate(2, STRICT)).isInstanceOf(Revoked.class);
    }

    @Test
    void markOfAClientThatWentAwayIsKeptUntilRedisAnswers() {
        session.rotate(1, attempt, STRICT);
        line.swallowAfter(Direction.TO_SERVER, 0);
        assertThatThrownBy(() -> session.markUndelivered(2, attempt)).isInstanceOf(StoreUnavailableException.class);
        mend();

        awaitMarks();

        assertThat(stored("lost")).isEqualTo("1");
    }

    /** Its client is back by then, and may have its answer. */
    @Test
    void markThatRedisComesToTooLateIsIgnored() {
        rotateUnanswered();
        mend();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.find() != null);
        redis.pause();
        marks.repeat(Instant.now()).block(SOON);
        marks.withdraw(attempt);
        redis.resume();

        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.find() != null);

        assertThat(stored("lost")).isEmpty();
    }

    @Test
    void rotationThatWasNotSentIsNotMarked() {
        redis.stop();
        await().atMost(SOON)
                .until(() -> here.store(0)
                        .find(session.ref().id())
                        .map(found -> false)
                        .onErrorResume(StoreUnavailableException.class, e -> Mono.just(e instanceof NotDoneException))
                        .block(SOON));

        assertThatThrownBy(() -> session.rotate(1, attempt, STRICT)).isInstanceOf(StoreUnavailableException.class);

        assertThat(marks.size()).isZero();
    }

    @Test
    void recordThatCannotBeReadIsNotMarkedAgainAndAgain() {
        rotateUnanswered();
        redis.command(
                "HSET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                "v",
                "2");
        mend();

        awaitMarks();

        assertThat(stored("lost")).isEmpty();
    }
}
