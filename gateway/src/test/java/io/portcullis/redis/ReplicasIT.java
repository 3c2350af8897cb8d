package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.SecurityLine;
import io.portcullis.redis.Replicas.Known;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What one replica makes of the rotations of another, of which it hears, or does not hear. */
class ReplicasIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration BUDGET = Duration.ofSeconds(1);
    /** A sign is believed of what was exchanged so long before it, since clocks of a Cluster differ. Nothing else can be waited for. */
    private static final Duration SETTLES = Duration.ofMillis(150);

    private static final RealmPolicy STRICT = Policies.strict();

    private final KeptCalls marks = new KeptCalls(10, Duration.ofMinutes(10));
    private final Unsettled unsettledThere = new Unsettled();
    private RedisServer redis;
    private FaultyProxy line;
    private RedisClients there;
    private RedisClients here;
    private Replicas thereAlive;
    private Replicas hereAlive;
    private ResilientSessionStore storeThere;
    private LiveSession session;
    private LiveSession elsewhere;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        line = FaultyProxy.before(redis.port());
        there = new RedisClients(line.port(), 1).connected();
        here = new RedisClients(redis, 1).connected();
        thereAlive = there.replicas(0, unsettledThere);
        hereAlive = here.replicas(0, new Unsettled());
        storeThere = Replica.impatient(there.store(0, thereAlive), marks, unsettledThere, BUDGET, BUDGET.dividedBy(2));
        session = LiveSession.of("ada@example.org", storeThere);
        elsewhere = new LiveSession(here.store(0, hereAlive), session.ref());
        session.open(STRICT);
        session.rotate(0, STRICT);
        signOfLife();
    }

    @AfterEach
    void end() throws IOException {
        here.close();
        there.close();
        line.close();
        redis.close();
    }

    /** Of both, the other one's first. */
    private void signOfLife() {
        thereAlive.exchange().block(SOON);
        hereAlive.exchange().block(SOON);
    }

    /** Rotates the token of generation 1 there, of which that replica hears nothing. */
    private void rotateUnanswered() {
        line.swallowAfter(Direction.TO_CLIENT, 0);
        assertThatThrownBy(() -> session.rotate(1, AttemptId.random(), STRICT))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(marks.size()).isEqualTo(1);
    }

    private void mend() {
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

    private RotationOutcome verdict(Runnable signs) {
        return await().atMost(SOON)
                .ignoreExceptionsInstanceOf(UndecidedException.class)
                .until(
                        () -> {
                            signs.run();
                            return elsewhere.rotate(1, STRICT);
                        },
                        outcome -> true);
    }

    private void signOfLifeHere() {
        hereAlive.exchange().block(SOON);
    }

    @Test
    void secondUseIsAReuseOnceTheReplicaThatRotatedIsHeardOf() {
        session.rotate(1, STRICT);
        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);

        assertThat(verdict(this::signOfLife)).isInstanceOf(Reused.class);
    }

    @Test
    void secondUseAtTheReplicaThatRotatedIsAReuseAtOnce() {
        session.rotate(1, STRICT);

        assertThat(session.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void itIsAReuseAtOnceWhereTheReplicaWasHeardOfSinceItRotated() throws InterruptedException {
        session.rotate(1, STRICT);
        Thread.sleep(SETTLES.toMillis());
        signOfLife();

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void itIsAReuseAtOnceWhereAnEarlierVersionRotatedWhichGivesNoSignOfLife() {
        session.rotate(1, STRICT);
        redis.command(
                "HSET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                "by",
                "x");

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void itIsNotJudgedWhileTheReplicaThatRotatedIsCutOffAlone() {
        rotateUnanswered();
        signOfLifeHere();

        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
        mend();
        awaitMarks();

        assertThat(verdict(this::signOfLife)).isInstanceOfSatisfying(Rotated.class, rotated -> {
            assertThat(rotated.cause()).isEqualTo(RotationCause.UNDELIVERED);
            assertThat(rotated.successor().generation()).isEqualTo(2);
        });
    }

    /** In a Cluster the server of its record may be away though others answer. */
    @Test
    void itIsNotJudgedWhileTheReplicaThatRotatedHasNotNotedYetThatNobodyWasAnswered() {
        rotateUnanswered();
        mend();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> there.store(0).find(session.ref().id()).block(SOON) != null);
        signOfLife();

        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
    }

    @Test
    void itIsNotJudgedWhileTheAnswerIsOnItsWayToTheClient() throws InterruptedException {
        Waiting waiting = new Waiting();
        storeThere
                .rotate(new Rotation(session.ref(), 1, AttemptId.random(), STRICT, null))
                .contextWrite(context -> context.put(Waiting.class, waiting))
                .block(SOON);
        Thread.sleep(SETTLES.toMillis());
        signOfLife();
        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);

        waiting.settled();

        assertThat(verdict(this::signOfLife)).isInstanceOf(Reused.class);
    }

    @Test
    void whoReturnsInVainToTheReplicaThatIsCutOffIsNotJudgedElsewhere() throws InterruptedException {
        AttemptId attempt = AttemptId.random();
        line.swallowAfter(Direction.TO_CLIENT, 0);
        assertThatThrownBy(() -> session.rotate(1, attempt, STRICT)).isInstanceOf(StoreUnavailableException.class);
        Thread.sleep(SETTLES.toMillis());
        line.refuse();
        line.cutNow(End.RST);
        assertThatThrownBy(() -> session.rotate(1, attempt, STRICT)).isInstanceOf(StoreUnavailableException.class);
        line.behave();
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> there.store(0).find(session.ref().id()).block(SOON) != null);
        signOfLife();

        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
        awaitMarks();
        assertThat(verdict(this::signOfLife)).isInstanceOf(Rotated.class);
    }

    @Test
    void whatWasHandedOutAgainIsNotJudgedBeforeThatReplicaHasSettledIt() throws InterruptedException {
        AttemptId attempt = AttemptId.random();
        session.rotate(1, attempt, STRICT);
        session.markUndelivered(2, attempt);
        Thread.sleep(SETTLES.toMillis());
        signOfLife();
        Replicas third = here.replicas(0, new Unsettled());
        third.exchange().block(SOON);
        LiveSession atTheThird = new LiveSession(here.store(0, third), session.ref());

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Rotated.class);
        assertThatThrownBy(() -> atTheThird.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
        Thread.sleep(SETTLES.toMillis());
        signOfLifeHere();
        third.exchange().block(SOON);

        assertThat(atTheThird.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    /** As two tabs do whose replica died. */
    @Test
    void severalThatComeForTheTokensOfAReplicaThatDiedAreNeitherRefusedNorAnError() {
        rotateUnanswered();
        List<Replicas> others = Stream.generate(() -> here.replicas(0, new Unsettled()))
                .limit(8)
                .toList();
        await().atMost(SOON).until(() -> {
            others.forEach(other -> other.exchange().block(SOON));
            return others.get(0).about(thereAlive.name(), rotatedAt()) == Known.GONE;
        });

        List<Object> answers = Flux.fromIterable(others)
                .flatMap(other -> here.store(0, other)
                        .rotate(new Rotation(session.ref(), 1, AttemptId.random(), STRICT, null))
                        .cast(Object.class)
                        .onErrorResume(UndecidedException.class, Mono::just))
                .collectList()
                .block(SOON);

        assertThat(answers)
                .hasAtLeastOneElementOfType(Rotated.class)
                .allMatch(answer -> answer instanceof Rotated || answer instanceof UndecidedException);
    }

    private long rotatedAt() {
        return Long.parseLong(redis.command(
                "HGET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                "at"));
    }

    @Test
    void signOfALaterTimeThanRedisHasIsNotBelieved() {
        session.rotate(1, STRICT);
        redis.command(
                "HSET",
                new RedisKeys(RedisClients.KEY_PREFIX).replicas(),
                thereAlive.name(),
                (rotatedAt() + 60_000) + " " + (rotatedAt() + 60_000));
        signOfLifeHere();

        assertThatThrownBy(() -> elsewhere.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);
    }

    @Test
    @SecurityLine(4)
    void tokenThatIsTwoRotationsOldIsAReuseAtOnce() {
        session.rotate(1, STRICT);

        assertThat(elsewhere.rotate(0, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void replicaThatLeftWithNothingToSettleIsNotWaitedFor() {
        session.rotate(1, STRICT);
        thereAlive.leave().block(SOON);
        signOfLifeHere();

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void whatAReplicaRotatedLastThatDiedIsUndelivered() {
        rotateUnanswered();

        assertThat(verdict(this::signOfLifeHere)).isInstanceOfSatisfying(Rotated.class, rotated -> {
            assertThat(rotated.cause()).isEqualTo(RotationCause.UNDELIVERED);
            assertThat(rotated.successor().generation()).isEqualTo(2);
        });
        assertThat(verdict(this::signOfLifeHere))
                .as("its next use, by somebody else")
                .isInstanceOf(Reused.class);
    }

    @Test
    void replicaThatHasNotReadYetDoesNotJudgeTheOthers() throws InterruptedException {
        session.rotate(1, STRICT);
        Thread.sleep(SETTLES.toMillis());
        signOfLife();
        Replicas fresh = here.replicas(0, new Unsettled());
        LiveSession elsewhereToo = new LiveSession(here.store(0, fresh), session.ref());
        assertThatThrownBy(() -> elsewhereToo.rotate(1, STRICT)).isInstanceOf(UndecidedException.class);

        fresh.exchange().block(SOON);

        assertThat(elsewhereToo.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    @Test
    void signsOfLifeThatRedisHasLostAreRemembered() throws InterruptedException {
        session.rotate(1, STRICT);
        Thread.sleep(SETTLES.toMillis());
        signOfLife();
        redis.command("DEL", new RedisKeys(RedisClients.KEY_PREFIX).replicas());
        signOfLifeHere();

        assertThat(elsewhere.rotate(1, STRICT)).isInstanceOf(Reused.class);
    }

    /** Redis has lost its last sign, and it died. */
    @Test
    void replicaThatNobodyHasHeardOfIsNotWaitedForForEver() {
        session.rotate(1, STRICT);
        redis.command(
                "HSET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                "by",
                "none.x");

        assertThat(verdict(this::signOfLifeHere)).isInstanceOf(Reused.class);
    }

    @Test
    void nameOfAReplicaThatIsGoneForLongIsForgottenAndTheKeyExpires() {
        String key = new RedisKeys(RedisClients.KEY_PREFIX).replicas();
        redis.command("HSET", key, "gone", "1000 1000", "odd", "x");
        signOfLife();

        assertThat(redis.command("HKEYS", key)).doesNotContain("gone", "odd");
        assertThat(Long.parseLong(redis.command("PTTL", key))).isPositive();
    }
}
