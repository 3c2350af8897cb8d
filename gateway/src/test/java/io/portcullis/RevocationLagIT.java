package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How long after the answer that revoked a session the last of three replicas refuses its access token, with processes as
 * an operator runs them: printed, not judged. The clients at the replicas call as fast as they are answered.
 */
class RevocationLagIT {
    private static final int REVOCATIONS = 60;
    private static final int REPLICAS = 3;

    private static final DemoKeys KEYS = DemoKeys.generate();
    private static final RedisServer REDIS = RedisServer.start();
    private static final DemoBackend BACKEND = DemoBackend.start(KEYS.accessTokenKey());
    private static final List<GatewayProcess> GATEWAYS = new ArrayList<>();
    private static final List<Integer> PORTS = new ArrayList<>();

    @BeforeAll
    static void start() {
        List<Integer> managementPorts = new ArrayList<>();
        for (int i = 0; i < REPLICAS; i++) {
            PORTS.add(GatewayProcess.freePort());
            managementPorts.add(GatewayProcess.freePort());
            Map<String, String> variables = new HashMap<>(Map.of(
                    "SERVER_PORT", Integer.toString(PORTS.get(i)),
                    "MANAGEMENT_SERVER_PORT", Integer.toString(managementPorts.get(i)),
                    "SPRING_DATA_REDIS_URL", REDIS.url(),
                    "BACKEND_URI", BACKEND.uri(),
                    "ACCESS_TOKEN_KEYS", KEYS.accessTokenKeys().toString(),
                    "REFRESH_TOKEN_KEYS", KEYS.refreshTokenKeys().toString(),
                    "SERVER_ADDRESS", "127.0.0.1",
                    "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"));
            GATEWAYS.add(GatewayProcess.start(variables));
        }
        for (int i = 0; i < REPLICAS; i++) {
            GATEWAYS.get(i).awaitReady(managementPorts.get(i));
        }
    }

    @AfterAll
    static void end() {
        GATEWAYS.forEach(GatewayProcess::close);
        BACKEND.close();
        REDIS.close();
        KEYS.close();
    }

    private static URI uri(int replica, String path) {
        return URI.create("http://127.0.0.1:" + PORTS.get(replica) + path);
    }

    private static int me(int replica, String token) {
        return GatewayProcess.get(uri(replica, "/api/me"), "Authorization", "Bearer " + token)
                .statusCode();
    }

    private static HttpResponse<String> refresh(int replica, String token) {
        return GatewayProcess.post(uri(replica, "/api/auth/refresh"), "{\"refreshToken\":\"" + token + "\"}");
    }

    /** By reuse, and every second time by logout. */
    private static void revoke(int replica, int time, HttpResponse<String> login, String accessToken) {
        HttpResponse<String> answer = time % 2 == 0
                ? refresh(replica, Tokens.refreshToken(login))
                : GatewayProcess.post(
                        uri(replica, "/api/auth/local/logout"), "{}", "Authorization", "Bearer " + accessToken);
        assertThat(answer.statusCode()).isEqualTo(time % 2 == 0 ? 401 : 200);
    }

    /** When that replica refused the token for the first time. */
    private static CompletableFuture<Long> refusal(int replica, String token, ExecutorService clients) {
        return CompletableFuture.supplyAsync(
                () -> {
                    while (me(replica, token) != 401) {
                        Thread.onSpinWait();
                    }
                    return System.nanoTime();
                },
                clients);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    @SecurityLine(43)
    void revocationReachesEveryReplica() {
        ExecutorService clients = Executors.newFixedThreadPool(REPLICAS);
        List<Double> lastMillis = new ArrayList<>();
        try {
            for (int time = 0; time < REVOCATIONS; time++) {
                int revoking = time % REPLICAS;
                HttpResponse<String> login = GatewayProcess.post(
                        uri(revoking, "/api/auth/local/login"),
                        "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
                String token = Tokens.accessToken(refresh(revoking, Tokens.refreshToken(login)));
                List<CompletableFuture<Long>> refusals = new ArrayList<>();
                for (int replica = 0; replica < REPLICAS; replica++) {
                    assertThat(me(replica, token)).isEqualTo(200);
                    refusals.add(refusal(replica, token, clients));
                }

                revoke(revoking, time, login, token);
                long answered = System.nanoTime();

                long last = refusals.stream()
                        .mapToLong(CompletableFuture::join)
                        .max()
                        .orElseThrow();
                lastMillis.add(Math.max(0, last - answered) / 1e6);
            }
        } finally {
            clients.shutdownNow();
        }

        lastMillis.sort(Double::compare);
        assertThat(lastMillis).hasSize(REVOCATIONS);
        System.out.printf(
                "Revocation to the last of %d replicas, ms after the answer that revoked (%d revocations):"
                        + " p50 %.1f, p90 %.1f, p99 %.1f, max %.1f%n",
                REPLICAS,
                REVOCATIONS,
                percentile(lastMillis, 0.5),
                percentile(lastMillis, 0.9),
                percentile(lastMillis, 0.99),
                percentile(lastMillis, 1));
    }

    private static double percentile(List<Double> sorted, double share) {
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }
}
