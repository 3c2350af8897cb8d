package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.FaultyProxy;
import io.portcullis.RandomFaults;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.RedisUsers;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two gateways, each on a line to Redis that goes bad at random, and clients that send a token again until they are
 * answered: 200 and 503 is all they ever see. However quick the machine, they go on until the lines have been bad some
 * times. {@code -Dportcullis.faults.refreshes=10000} is a longer run,
 * {@code -Dportcullis.seed=...} repeats its choices; the race is not repeated.
 */
class RefreshesUnderFaultsIT {
    private static final int REFRESHES = Integer.getInteger("portcullis.faults.refreshes", 1_000);
    private static final int CLIENTS = 6;
    private static final int FAULTS = 8;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LONGEST_FAULT = Duration.ofMillis(900);
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(10);

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AtomicInteger refreshed = new AtomicInteger();
    private final AtomicInteger unavailable = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final List<FaultyProxy> lines = new ArrayList<>();
    private final List<TestGateway> gateways = new ArrayList<>();
    private RedisServer redis;
    private DemoKeys keys;
    private DemoBackend backend;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        for (int i = 0; i < 2; i++) {
            FaultyProxy line = FaultyProxy.before(redis.port());
            lines.add(line);
            gateways.add(TestGateway.startElsewhere(
                    keys,
                    backend.uri(),
                    "spring.data.redis.url=" + RedisUsers.url(line.port()),
                    // of less patience, so that it ends in a run of a minute
                    "portcullis.store.budget=600ms",
                    "portcullis.store.command-timeout=200ms"));
        }
    }

    @AfterEach
    void end() throws IOException {
        threads.shutdownNow();
        gateways.forEach(TestGateway::close);
        for (FaultyProxy line : lines) {
            line.close();
        }
        backend.close();
        redis.close();
        keys.close();
    }

    @Test
    void nobodyWhoIsHonestIsSignedOut() throws Exception {
        System.out.println("refreshes under faults, -Dportcullis.seed=" + seed);
        List<String> logins = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            logins.add(Tokens.refreshToken(gateways.get(0)
                    .post(
                            "/api/auth/login",
                            "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}")));
        }
        List<RandomFaults> faults = lines.stream()
                .map(line -> RandomFaults.on(line, new Random(random.nextLong()), LONGEST_FAULT))
                .toList();
        List<String> newest = new ArrayList<>();
        try {
            List<Future<String>> clients = logins.stream()
                    .map(login -> new Client(login, new Random(random.nextLong()), faults))
                    .map(client -> threads.submit(client::live))
                    .toList();
            for (Future<String> client : clients) {
                newest.add(client.get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS));
            }
        } finally {
            faults.forEach(RandomFaults::close);
        }

        System.out.printf(
                "%d refreshes, %d times 503; %s%n",
                refreshed.get(),
                unavailable.get(),
                faults.stream().map(RandomFaults::suffered).toList());
        for (String token : newest) {
            await().atMost(SOON).until(() -> gateways.get(0).refresh(token).statusCode() == 200);
        }
    }

    /** Told 503, it goes to any gateway at once. */
    private final class Client {
        private final Random choices;
        private final List<RandomFaults> faults;
        private String token;

        private Client(String token, Random choices, List<RandomFaults> faults) {
            this.token = token;
            this.choices = choices;
            this.faults = faults;
        }

        private String live() {
            for (int i = 0; i < REFRESHES / CLIENTS || faults.stream().anyMatch(line -> line.count() < FAULTS); i++) {
                refreshed.incrementAndGet();
                TestGateway gateway = any();
                HttpResponse<String> answer = gateway.refresh(token);
                while (answer.statusCode() == 503) {
                    unavailable.incrementAndGet();
                    gateway = any();
                    answer = gateway.refresh(token);
                }
                assertThat(answer.statusCode()).isEqualTo(200);
                token = Tokens.refreshToken(answer);
            }
            return token;
        }

        private TestGateway any() {
            return gateways.get(choices.nextInt(gateways.size()));
        }
    }
}
