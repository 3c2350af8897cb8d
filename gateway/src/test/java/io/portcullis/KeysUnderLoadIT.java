package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.redis.RedisServer;
import io.portcullis.token.CurrentKeys;
import io.portcullis.token.RealmKeys;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both kinds of keys are rolled twice, each step at one replica after the other, while clients refresh all the time at any of
 * them: nobody notices. Then a key is gone, and so are its tokens, and no others.
 */
class KeysUnderLoadIT {
    private static final int REPLICAS = 3;
    private static final int CLIENTS = 8;
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final List<JWK> accessKeys =
            List.of(Jwks.generate("HS256"), Jwks.generate("HS256"), Jwks.generate("EdDSA"));
    private final List<JWK> refreshKeys =
            List.of(Jwks.generate("HS256"), Jwks.generate("ES256"), Jwks.generate("EdDSA"));

    private final RawBackend backend = RawBackend.start();
    private final List<MountedKeys> mounts = new ArrayList<>();
    private final List<TestGateway> replicas = new ArrayList<>();
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private final List<Client> chains = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refreshes = new AtomicInteger();
    private RedisServer redis;
    private volatile List<JWK> backends;
    private volatile boolean isOver;

    @BeforeEach
    void start() throws IOException {
        redis = RedisServer.start();
        backends = accessKeys.subList(0, 1);
        for (int i = 0; i < REPLICAS; i++) {
            MountedKeys mounted = MountedKeys.of(
                    Files.createDirectory(directory.resolve("replica" + i)),
                    Jwks.set(accessKeys.get(0)),
                    Jwks.set(refreshKeys.get(0)));
            mounts.add(mounted);
            replicas.add(TestGateway.startElsewhere(
                    mounted.files((OctetSequenceKey) accessKeys.get(0)),
                    backend.uri(),
                    "spring.data.redis.url=" + redis.url(),
                    "portcullis.keys.poll-interval=100ms"));
        }
    }

    @AfterEach
    void stop() {
        isOver = true;
        clients.shutdownNow();
        replicas.forEach(TestGateway::close);
        redis.close();
        backend.close();
    }

    /** Refreshes at any replica with its newest token. */
    private final class Client {
        private final Random random;
        private final AtomicLong done = new AtomicLong();
        private String token;

        Client(int number, String token) {
            this.random = new Random(number);
            this.token = token;
        }

        void run() {
            while (!isOver) {
                HttpResponse<String> answer =
                        replicas.get(random.nextInt(REPLICAS)).refresh(token);
                refreshes.incrementAndGet();
                if (answer.statusCode() != 200) {
                    failures.add(answer.statusCode() + " " + answer.body());
                    return;
                }
                if (!Jwks.verify(backends, Tokens.accessToken(answer))) {
                    failures.add("no backend verifies an access token of " + Tokens.header(Tokens.accessToken(answer)));
                }
                token = Tokens.refreshToken(answer);
                done.incrementAndGet();
            }
        }
    }

    /** The refresh token of a session that a login at a replica has opened. */
    private String login(int replica, JWK backendSignsWith) {
        long now = Instant.now().getEpochSecond();
        String token = Jwks.sign(
                backendSignsWith, "{\"sub\":\"usr_" + replica + "\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
        return Tokens.refreshToken(replicas.get(replica).post("/api/auth/local/login", "{}"));
    }

    /** At one replica after the other, while the clients go on. */
    private void put(List<JWK> access, List<JWK> refresh) {
        for (int i = 0; i < REPLICAS; i++) {
            mounts.get(i).put(Jwks.set(access), Jwks.set(refresh));
            CurrentKeys keys = replicas.get(i).bean(CurrentKeys.class);
            await().atMost(SOON).until(() -> {
                RealmKeys now = keys.byRealm().get("app");
                return now.refreshTokens().names().equals(names(refresh))
                        && now.accessTokens().names().equals(names(access));
            });
        }
        everybodyRefreshes();
    }

    private static List<String> names(List<JWK> keys) {
        return keys.stream().map(JWK::getKeyID).toList();
    }

    /** Twice, so that each has a token of after this was called. */
    private void everybodyRefreshes() {
        List<Long> before = chains.stream().map(client -> client.done.get()).toList();
        await().atMost(SOON)
                .until(() -> !failures.isEmpty()
                        || chains.stream()
                                .allMatch(client -> client.done.get() >= before.get(chains.indexOf(client)) + 2));
    }

    /** Add, promote, retire: {@code number} takes the place of the one before. */
    private void roll(int number) {
        List<JWK> access = accessKeys.subList(number - 1, number + 1);
        List<JWK> refresh = refreshKeys.subList(number - 1, number + 1);
        backends = access;
        put(access, refresh);
        put(List.of(access.get(1), access.get(0)), List.of(refresh.get(1), refresh.get(0)));
        backends = access.subList(1, 2);
        put(access.subList(1, 2), refresh.subList(1, 2));
    }

    @Test
    @SecurityLine(21)
    void keysRollTwiceAndNoRequestFails() throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            chains.add(new Client(i, login(i % REPLICAS, accessKeys.get(0))));
        }
        List<Future<?>> running = new ArrayList<>();
        chains.forEach(client -> running.add(clients.submit(client::run)));

        roll(1);
        roll(2);

        isOver = true;
        for (Future<?> client : running) {
            client.get();
        }
        assertThat(failures).isEmpty();
        assertThat(refreshes.get()).isGreaterThan(CLIENTS * 12);
        assertThat(chains).allMatch(client -> Jwks.verify(refreshKeys.subList(2, 3), client.token));
    }

    @Test
    @SecurityLine(21)
    void aKeyThatIsRemovedEndsItsTokensAndNoOthers() {
        List<JWK> access = accessKeys.subList(0, 1);
        String idle = login(0, access.get(0));
        String inUse = login(1, access.get(0));
        put(access, refreshKeys.subList(0, 2));
        put(access, List.of(refreshKeys.get(1), refreshKeys.get(0)));
        String opened = login(2, access.get(0));
        HttpResponse<String> refreshed = replicas.get(0).refresh(inUse);

        put(access, refreshKeys.subList(1, 2));

        for (TestGateway replica : replicas) {
            assertThat(replica.refresh(idle).statusCode()).isEqualTo(401);
        }
        assertThat(refreshed.statusCode()).isEqualTo(200);
        assertThat(replicas.get(1).refresh(Tokens.refreshToken(refreshed)).statusCode())
                .isEqualTo(200);
        assertThat(replicas.get(2).refresh(opened).statusCode()).isEqualTo(200);

        // it was the key, and nothing that anybody has done to the session
        put(access, List.of(refreshKeys.get(1), refreshKeys.get(0)));
        assertThat(replicas.get(0).refresh(idle).statusCode()).isEqualTo(200);
    }
}
