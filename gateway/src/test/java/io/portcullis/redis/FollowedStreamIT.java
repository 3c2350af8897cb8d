package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.FaultyProxy;
import io.portcullis.session.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tail whose stream is exchanged under it, or that fails itself, goes on and misses nothing. */
class FollowedStreamIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String STREAM = RedisClients.KEY_PREFIX + "revocations";
    /** The ids begin there, as those of a server whose clock is behind. */
    private static final String ADD_MANY = "for i = 1, ARGV[1] do"
            + " redis.call('XADD', KEYS[1], ARGV[2] .. '-' .. i, 'sid', ARGV[3], 'realm', 'app', 'until', ARGV[4]) end";

    private RedisServer redis;
    private RedisClients following;
    private RevocationTail tail;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        following = new RedisClients(redis, 1).connected();
        tail = following.tail(0);
    }

    @AfterEach
    void end() {
        tail.stop();
        following.close();
        redis.close();
    }

    private void follow() {
        tail.start();
        assertThat(tail.awaitCaughtUp(SOON)).isTrue();
    }

    private SessionId added(String id) {
        SessionId session = SessionId.random("app", "ada");
        add(id, session);
        return session;
    }

    private void add(String id, SessionId session) {
        redis.command("XADD", STREAM, id, "sid", session.value(), "realm", "app", "until", inAMinute());
    }

    private void addMany(int entries, String millis) {
        redis.command(
                "EVAL",
                ADD_MANY,
                "1",
                STREAM,
                Integer.toString(entries),
                millis,
                SessionId.random("app", "ada").value(),
                inAMinute());
    }

    private static String inAMinute() {
        return Long.toString(Instant.now().plusSeconds(60).toEpochMilli());
    }

    private void awaitKnown(SessionId session) {
        await().atMost(SOON).until(() -> "app".equals(following.revoked(0).realmOf(session, Instant.now())));
    }

    @Test
    void streamThatWasDeletedIsReadFromItsStart() {
        follow();
        awaitKnown(added("*"));
        redis.command("DEL", STREAM);

        awaitKnown(added("5-1"));
        awaitKnown(added("*"));
    }

    @Test
    void redisThatWasFlushedIsReadFromItsStart() {
        follow();
        SessionId before = added("*");
        awaitKnown(before);
        redis.command("FLUSHALL");

        awaitKnown(added("5-1"));
        awaitKnown(before);
    }

    @Test
    void whatRedisLostIsToldToWhoStartsLater() {
        follow();
        SessionId first = added("*");
        SessionId second = added("*");
        awaitKnown(first);
        awaitKnown(second);
        redis.command("FLUSHALL");
        SessionId after = added("*");
        awaitKnown(after);

        try (RedisClients starting = new RedisClients(redis, 1).connected()) {
            await().atMost(SOON).until(() -> "3".equals(redis.command("XLEN", STREAM)));
            RevocationTail late = starting.tail(0);
            late.start();

            assertThat(late.awaitCaughtUp(SOON)).isTrue();
            assertThat(List.of(first, second, after))
                    .allSatisfy(session -> assertThat(starting.revoked(0).realmOf(session, Instant.now()))
                            .isEqualTo("app"));
            late.stop();
        }
    }

    @Test
    void whatRedisStillHasIsNotAnnouncedAgain() {
        follow();
        SessionId session = added("*");
        awaitKnown(session);

        redis.command("CLIENT", "KILL", "TYPE", "normal");
        awaitKnown(added("*"));
        await().atMost(SOON).until(() -> following.revoked(0).interruptions() > 0);
        awaitKnown(added("*"));

        assertThat(redis.command("XLEN", STREAM)).isEqualTo("3");
    }

    @Test
    void entriesBeforeAndBehindTheLastOneThatWasReadAreAllRead() {
        follow();
        awaitKnown(added("*"));
        SessionId behind = SessionId.random("app", "ada");
        SessionId before = SessionId.random("app", "ada");
        // at once: the tail has no chance to notice in between
        redis.command(
                "EVAL",
                "redis.call('DEL', KEYS[1])"
                        + " redis.call('XADD', KEYS[1], '5-1', 'sid', ARGV[1], 'realm', 'app', 'until', ARGV[3])"
                        + " redis.call('XADD', KEYS[1], '*', 'sid', ARGV[2], 'realm', 'app', 'until', ARGV[3])",
                "1",
                STREAM,
                before.value(),
                behind.value(),
                inAMinute());

        awaitKnown(behind);
        awaitKnown(before);
    }

    @Test
    void followingGoesOnAfterAnError() {
        AtomicInteger told = new AtomicInteger();
        tail = following.tail(0, InstantSource.system(), lag -> {
            if (told.getAndIncrement() == 0) {
                throw new AssertionError("a bug");
            }
        });
        follow();
        added("*");
        await().atMost(SOON).until(() -> told.get() > 0);

        awaitKnown(added("*"));
        assertThat(following.revoked(0).interruptions()).isEqualTo(1);
    }

    @Test
    void nothingIsCompleteWhileThereIsMoreToRead() {
        Instant start = Instant.now();
        AtomicReference<Instant> now = new AtomicReference<>(start);
        Instant later = start.plusSeconds(10);
        Queue<Boolean> complete = new ConcurrentLinkedQueue<>();
        Consumer<Duration> witness = lag -> {
            now.set(later);
            complete.add(following.revoked(0).isComplete(later, Duration.ZERO));
        };
        tail = following.tail(0, now::get, witness);
        follow();

        addMany(1500, Long.toString(start.toEpochMilli()));

        await().atMost(SOON).until(() -> following.revoked(0).isComplete(later, Duration.ZERO));
        assertThat(List.copyOf(complete)).hasSize(1500).containsOnly(false);
    }

    @Test
    void startWaitsAsLongAsRedisGoesOnTelling() throws IOException {
        addMany(20_000, "5");
        SessionId newest = added("*");
        try (FaultyProxy slow = FaultyProxy.before(redis.port());
                RedisClients distant = new RedisClients(slow.port(), 1)) {
            slow.delay(Duration.ofMillis(60));
            RevocationTail late = distant.tail(0);
            late.start();

            assertThat(late.awaitCaughtUp(Duration.ofSeconds(4))).isTrue();

            assertThat(distant.revoked(0).realmOf(newest, Instant.now())).isEqualTo("app");
            late.stop();
        }
    }
}
