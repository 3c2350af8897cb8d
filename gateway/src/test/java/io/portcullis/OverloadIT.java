package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.OpenLoad.Asked;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three times as many requests as the gateway can answer, in a small heap: each gets its answer, or is turned away. */
class OverloadIT {
    private static final int SESSIONS = 50;
    /** One request of so many is a refresh, if a session is not being refreshed already. */
    private static final int EACH_REFRESH = 20;
    /** So many refreshes an address may send, and one a minute. */
    private static final int BURST = 200;
    /** Beside a flood, others refresh so often a second. */
    private static final int OTHERS_PER_SECOND = 20;

    private static final Duration LOAD = Duration.ofSeconds(5);

    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();
    private static final Pattern REFRESH_TOKEN = Pattern.compile("\"refreshToken\":\"([^\"]+)\"");

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RedisServer redis = RedisServer.start();

    @AutoClose
    private static final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());

    @AutoClose
    private static final GatewayProcess gateway = start();

    /** Refresh tokens that nobody is using; of the load's thread, while there is one. */
    private final Deque<String> tokens = new ArrayDeque<>();

    private String accessToken = "";
    private int asked;
    private int refreshed;

    private static GatewayProcess start() {
        Map<String, String> variables = new HashMap<>(Map.of(
                "SERVER_PORT", Integer.toString(PORT),
                "MANAGEMENT_SERVER_PORT", Integer.toString(MANAGEMENT_PORT),
                "SPRING_DATA_REDIS_URL", redis.url(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"));
        variables.put("PORTCULLIS_FORWARDED_TRUSTEDPROXIES", "127.0.0.1");
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERADDRESS", "1");
        variables.put("PORTCULLIS_REFRESH_LIMIT_ADDRESSBURST", Integer.toString(BURST));
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERSESSION", "0");
        // on a quick machine, not all of these clients together need longer
        variables.put("PORTCULLIS_OVERLOAD_DELAYMAX", "100ms");
        return GatewayProcess.start(
                variables,
                "-Xmx128m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dreactor.netty.ioWorkerCount=1");
    }

    @BeforeEach
    void login() {
        gateway.awaitReady(MANAGEMENT_PORT);
        String credentials = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";
        for (int i = 0; i < SESSIONS; i++) {
            HttpResponse<String> login = GatewayProcess.post(uri("/api/auth/login"), credentials);
            tokens.add(Tokens.refreshToken(login));
            accessToken = Tokens.accessToken(login);
        }
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + PORT + path);
    }

    private Asked me() {
        return new Asked(
                "GET /api/me HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer " + accessToken + "\r\n\r\n",
                (status, body) -> {});
    }

    private Asked meOrRefresh(int eachRefresh) {
        String token = ++asked % eachRefresh == 0 ? tokens.poll() : null;
        return token == null ? me() : refresh(token);
    }

    private static Asked junk() {
        return new Asked(refresh("a.b.c", "198.51.100.1"), (status, answer) -> {});
    }

    /** From an address that nobody else has. */
    private Asked refresh(String token) {
        refreshed++;
        String address = "10.0." + refreshed / 256 % 256 + "." + refreshed % 256;
        return new Asked(refresh(token, address), (status, answer) -> {
            Matcher next = REFRESH_TOKEN.matcher(answer);
            tokens.add(status == 200 && next.find() ? next.group(1) : token);
        });
    }

    private static String refresh(String token, String address) {
        String body = "{\"refreshToken\":\"" + token + "\"}";
        return "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: " + address
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static long count(Map<String, AtomicLong> answers, String outcome) {
        return answers.getOrDefault(outcome, new AtomicLong()).get();
    }

    /** How many of these requests are answered a second, and so. */
    private static int capacity(Supplier<Asked> requests, String outcome) {
        Duration time = Duration.ofSeconds(3);
        try (OpenLoad few = new OpenLoad(PORT, 16)) {
            few.run(requests, 1_000, time);
            Map<String, AtomicLong> answers = few.run(requests, 10_000, time);
            assertThat(answers.keySet()).contains(outcome).isSubsetOf(outcome, OpenLoad.NOT_SENT);
            return (int) (count(answers, outcome) / time.toSeconds());
        }
    }

    @Test
    void nobodyGetsAnythingElseAndTheNextAreAnswered() {
        int perSecond = 3 * capacity(this::me, "200");

        Map<String, AtomicLong> answers;
        try (OpenLoad many = new OpenLoad(PORT, 3_000)) {
            many.keep(3_000);
            answers = many.run(() -> meOrRefresh(EACH_REFRESH), perSecond, LOAD);
        }

        System.out.println("three times the capacity, " + perSecond + " requests a second: " + answers);
        assertThat(answers).containsKeys("200", "503");
        assertThat(answers.keySet()).isSubsetOf("200", "503", OpenLoad.NOT_SENT);
        assertNothingIsLost();
    }

    /** Over a proxy's connections, which are read whatever comes on them. */
    @Test
    void floodOfOneAddressTurnsNoOtherAway() {
        int perSecond = 3 * capacity(OverloadIT::junk, "429");

        Map<String, AtomicLong> ofOthers;
        Map<String, AtomicLong> ofTheFlood;
        try (OpenLoad flood = new OpenLoad(PORT, 1_000);
                OpenLoad others = new OpenLoad(PORT, SESSIONS)) {
            flood.keep(1_000);
            others.keep(SESSIONS);
            // connections are accepted in their order: then all are
            others.run(() -> meOrRefresh(1), OTHERS_PER_SECOND, LOAD);
            CompletableFuture<Map<String, AtomicLong>> flooded =
                    CompletableFuture.supplyAsync(() -> flood.run(OverloadIT::junk, perSecond, LOAD));
            ofOthers = others.run(() -> meOrRefresh(1), OTHERS_PER_SECOND, LOAD);
            ofTheFlood = flooded.join();
        }

        System.out.println(
                "flood, " + perSecond + " requests a second: " + ofTheFlood + ", others meanwhile: " + ofOthers);
        assertThat(ofOthers.keySet()).contains("200").isSubsetOf("200", OpenLoad.NOT_SENT);
        assertThat(ofTheFlood.keySet()).contains("429").isSubsetOf("401", "429", OpenLoad.NOT_SENT);
        assertNothingIsLost();
    }

    private void assertNothingIsLost() {
        assertThat(tokens)
                .hasSize(SESSIONS)
                .allSatisfy(token -> assertThat(
                                GatewayProcess.post(uri("/api/auth/refresh"), "{\"refreshToken\":\"" + token + "\"}")
                                        .statusCode())
                        .isEqualTo(200));
        assertThat(GatewayProcess.get(uri("/api/me"), "Authorization", "Bearer " + accessToken)
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.isAlive()).isTrue();
        assertThat(gateway.hasPrinted("OutOfMemory")).isFalse();
        assertThat(gateway.hasPrinted("OutOfDirectMemory")).isFalse();
    }
}
