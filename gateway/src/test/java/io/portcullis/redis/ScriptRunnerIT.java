package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisReadOnlyException;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** A connection that leads nowhere is given up: the next one leads to whoever is the server by then. */
class ScriptRunnerIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Script WRITE =
            Script.of(ReturnType.VALUE, "redis.call('HSET', KEYS[1], 'written', 1) return 'OK'");

    private RedisServer redis;
    private RedisClients clients;
    private LiveSession session;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
        session = LiveSession.of("ada@example.org", clients.store(0));
        session.open(Policies.strict());
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private boolean finds() {
        try {
            session.find();
            return true;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    @Test
    void serverThatBecameAReplicaIsLeft() {
        Set<String> before = redis.connectionsOfScripts();
        redis.command("REPLICAOF", "127.0.0.1", Integer.toString(redis.port()));
        assertThatThrownBy(session::revoke).isInstanceOf(StoreUnavailableException.class);
        redis.command("REPLICAOF", "NO", "ONE");

        await().atMost(SOON)
                .until(() -> finds()
                        && !redis.connectionsOfScripts().isEmpty()
                        && !redis.connectionsOfScripts().containsAll(before));
    }

    /** It hangs after it got the connection that is left, and before it says so. */
    @Test
    void connectionThatIsLeftWhileItIsMadeIsNotComeBackTo() throws InterruptedException {
        HeldConnections held = new HeldConnections(redis.port());
        held.afterPropertiesSet();
        held.start();
        try {
            ScriptRunner scripts = new ScriptRunner(held);
            scripts.connect().block(SOON);
            scripts.check().block(SOON);
            Set<String> before = redis.connectionsOfScripts();
            held.hold();
            scripts.connectInBackground();
            held.awaitHeld();
            redis.command("REPLICAOF", "127.0.0.1", Integer.toString(redis.port()));
            assertThatThrownBy(() -> scripts.run(WRITE, List.of(RedisClients.KEY_PREFIX + "key"), List.of())
                            .block(SOON))
                    .hasRootCauseInstanceOf(RedisReadOnlyException.class);
            redis.command("REPLICAOF", "NO", "ONE");
            held.letGo();

            await().atMost(SOON)
                    .until(() ->
                            Boolean.TRUE.equals(scripts.run(WRITE, List.of(RedisClients.KEY_PREFIX + "key"), List.of())
                                            .thenReturn(true)
                                            .onErrorReturn(DataAccessException.class, false)
                                            .block(SOON))
                                    && !before.containsAll(redis.connectionsOfScripts()));
        } finally {
            held.letGo();
            held.destroy();
        }
    }

    /** Connections that are handed out only when the test lets them go. */
    private static final class HeldConnections extends LettuceConnectionFactory {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch free = new CountDownLatch(1);
        private volatile boolean isHolding;

        HeldConnections(int port) {
            super(RedisUsers.at(port));
        }

        void hold() {
            isHolding = true;
        }

        void awaitHeld() throws InterruptedException {
            assertThat(arrived.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        void letGo() {
            free.countDown();
        }

        @Override
        public RedisConnection getConnection() {
            RedisConnection connection = super.getConnection();
            if (isHolding) {
                arrived.countDown();
                try {
                    assertThat(free.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return connection;
        }
    }

    @Test
    void serverThatFellSilentIsLeft() {
        Set<String> before = redis.connectionsOfScripts();
        redis.pause();
        for (int sending = 0; sending < 5; sending++) {
            clients.store(0)
                    .find(session.ref().id())
                    .timeout(Duration.ofMillis(400))
                    .onErrorComplete()
                    .block();
        }
        redis.resume();

        await().atMost(SOON)
                .until(() -> finds()
                        && !redis.connectionsOfScripts().isEmpty()
                        && !redis.connectionsOfScripts().containsAll(before));
    }

    /** As behind a firewall that has forgotten it: nobody says that it is over. */
    @Test
    void connectionThatLeadsNowhereIsLeft() {
        try (CuttableLink link = new CuttableLink(redis.port());
                RedisClients behindIt = new RedisClients(link.port(), 1).connected()) {
            session = new LiveSession(behindIt.store(0), session.ref());
            session.find();
            link.silence();

            await().atMost(SOON)
                    .until(() -> behindIt.store(0)
                            .find(session.ref().id())
                            .map(found -> true)
                            .timeout(Duration.ofMillis(400))
                            .onErrorReturn(
                                    e -> e instanceof StoreUnavailableException || e instanceof TimeoutException, false)
                            .block());
        }
    }

    @Test
    void whatWaitsForAFrozenServerIsBounded() {
        LettuceConnectionFactory narrow = new LettuceConnectionFactory(
                RedisUsers.at(redis.port()),
                LettuceClientConfiguration.builder()
                        .commandTimeout(Duration.ofMinutes(1))
                        .clientOptions(
                                ClientOptions.builder().requestQueueSize(100).build())
                        .build());
        narrow.afterPropertiesSet();
        narrow.start();
        try {
            ScriptRunner scripts = new ScriptRunner(narrow);
            scripts.connect().block(SOON);
            redis.pause();
            List<CompletableFuture<Boolean>> asked = Stream.generate(() -> scripts.check()
                            .thenReturn(true)
                            .onErrorReturn(DataAccessException.class, false)
                            .toFuture())
                    .limit(150)
                    .toList();

            await().atMost(SOON)
                    .until(() ->
                            asked.stream().filter(CompletableFuture::isDone).count() == 50);
            redis.resume();

            await().atMost(SOON).until(() -> asked.stream().allMatch(CompletableFuture::isDone));
            assertThat(asked.stream().filter(CompletableFuture::join)).hasSize(100);
        } finally {
            redis.resume();
            narrow.destroy();
        }
    }

    @Test
    void serverThatIsSlowOnceIsNotLeft() {
        Set<String> before = redis.connectionsOfScripts();
        redis.command("CLIENT", "PAUSE", "300", "ALL");

        session.find();

        await().atMost(SOON).until(() -> redis.connectionsOfScripts().equals(before));
    }
}
