package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.KeptConnection.Answer;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three replicas as an operator runs them are replaced one after the other, each by a new one before it is told to end, and
 * nobody notices. {@code -Dportcullis.rollouts=20} replaces all three as many times.
 */
class RolloutIT {
    private static final int ROLLOUTS = Integer.getInteger("portcullis.rollouts", 1);
    private static final int REPLICAS = 3;
    private static final int PAUSE_MS = 100;
    private static final Duration DRAIN_TIME = Duration.ofSeconds(Integer.getInteger("portcullis.drain", 5));
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String LOGIN = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";

    private final DemoKeys keys = DemoKeys.generate();
    private final RedisServer redis = RedisServer.start();
    private final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
    private final ReadyReplicas balancer = new ReadyReplicas();
    private final Deque<Replica> replicas = new ArrayDeque<>();
    private final List<Replica> ended = new ArrayList<>();
    private final List<KeptConnection> connections = new ArrayList<>();
    private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(9);
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private record Replica(GatewayProcess process, int port, int managementPort) {}

    @BeforeEach
    void start() {
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(startReplica());
        }
        replicas.forEach(this::awaitServed);
    }

    @AfterEach
    void end() {
        clients.shutdownNow();
        connections.forEach(KeptConnection::close);
        balancer.close();
        replicas.forEach(replica -> replica.process().close());
        ended.forEach(replica -> replica.process().close());
        backend.close();
        redis.close();
        keys.close();
    }

    private Replica startReplica() {
        int port = GatewayProcess.freePort();
        int managementPort = GatewayProcess.freePort();
        Map<String, String> variables = new HashMap<>(Map.of(
                "SERVER_PORT", Integer.toString(port),
                "MANAGEMENT_SERVER_PORT", Integer.toString(managementPort),
                "SPRING_DATA_REDIS_URL", redis.url(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1",
                "PORTCULLIS_CONNECTIONS_DRAINTIME", DRAIN_TIME.toSeconds() + "s"));
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERADDRESS", "0");
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERSESSION", "0");
        return new Replica(GatewayProcess.start(variables), port, managementPort);
    }

    private void awaitServed(Replica replica) {
        replica.process().awaitReady(replica.managementPort());
        balancer.add(replica.port(), replica.managementPort());
        await().atMost(SOON).until(() -> balancer.isServed(replica.port()));
    }

    private KeptConnection connect() {
        KeptConnection connection = new KeptConnection(balancer.port());
        connections.add(connection);
        return connection;
    }

    private static String member(String name, Answer answer) {
        return JsonMapper.shared().readTree(answer.body()).get(name).asString();
    }

    private void again(String what, Supplier<Answer> request) {
        clients.scheduleWithFixedDelay(
                () -> {
                    Answer answer = request.get();
                    answered.incrementAndGet();
                    if (answer.status() != 200) {
                        failures.add(what + ": " + answer);
                    }
                },
                0,
                PAUSE_MS,
                TimeUnit.MILLISECONDS);
    }

    /** A client of each kind: its connection is its own. */
    private void load() {
        Chain chain = new Chain(connect());
        again("refresh", chain::refresh);
        KeptConnection reader = connect();
        String bearer = member("token", reader.post("/api/auth/login", LOGIN));
        again("forwarded GET", () -> reader.get("/api/me", bearer));
        KeptConnection writer = connect();
        again("forwarded POST", () -> writer.post("/api/auth/login", LOGIN));
    }

    /** Each answer's token is the next request's. */
    private static final class Chain {
        private final KeptConnection connection;
        private String token;

        Chain(KeptConnection connection) {
            this.connection = connection;
            this.token = member("refreshToken", connection.post("/api/auth/login", LOGIN));
        }

        Answer refresh() {
            Answer answer = connection.post("/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}");
            if (answer.status() == 200) {
                token = member("refreshToken", answer);
            }
            return answer;
        }
    }

    @Test
    @SecurityLine(29)
    void noRequestIsLostWhileReplicasAreReplaced() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            load();
        }

        for (int i = 0; i < ROLLOUTS * REPLICAS; i++) {
            Replica next = startReplica();
            replicas.addLast(next);
            awaitServed(next);
            Replica old = replicas.removeFirst();
            ended.add(old);
            old.process().terminate();
            await().atMost(SOON).until(() -> !balancer.isServed(old.port()));
            assertThat(old.process().isAlive()).isTrue();
            assertThat(old.process().exitCode(SOON)).isEqualTo(143);
            balancer.remove(old.port());
        }
        System.out.println(ROLLOUTS + " rollouts of " + REPLICAS + " replicas: " + answered.get() + " answers, "
                + failures.size() + " failures");

        assertThat(failures).isEmpty();
        assertThat(answered.get()).isGreaterThan(100);
    }
}
