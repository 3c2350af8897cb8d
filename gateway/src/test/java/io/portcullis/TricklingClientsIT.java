package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hundreds of clients that send a byte at a time, to a small gateway with the time-outs that it has as it comes: nobody else
 * notices, and none is waited for longer than was said.
 */
class TricklingClientsIT {
    private static final int CLIENTS = 300;

    /** As they go out one by one, longer than a head and the body of a refresh may take, which is 10 s. */
    private static final int BYTES = 130;

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration NOW_AND_THEN = Duration.ofMillis(200);
    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RedisServer redis = RedisServer.start();

    @AutoClose
    private static final DemoBackend backend = DemoBackend.start(
            keys.accessTokenKey(),
            routes -> routes.post(
                    "/upload",
                    (request, response) ->
                            response.sendString(request.receive().aggregate().asString(StandardCharsets.US_ASCII))));

    @AutoClose
    private static final GatewayProcess gateway = start();

    private TricklingClients clients;
    private HttpResponse<String> tokens;

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
        // all are one client, on a machine that is busy
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERADDRESS", "0");
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERSESSION", "0");
        variables.put("PORTCULLIS_OVERLOAD_DELAYMAX", "0s");
        return GatewayProcess.start(
                variables, "-Xmx128m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");
    }

    @BeforeAll
    static void isReady() {
        gateway.awaitReady(MANAGEMENT_PORT);
    }

    @BeforeEach
    void begin() {
        tokens = login();
        clients = new TricklingClients(PORT);
    }

    @AfterEach
    void leave() {
        clients.close();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + PORT + path);
    }

    private static HttpResponse<String> login() {
        return GatewayProcess.post(
                uri("/api/auth/login"),
                "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
    }

    private static HttpResponse<String> refresh(String token) {
        return GatewayProcess.post(uri("/api/auth/refresh"), "{\"refreshToken\":\"" + token + "\"}");
    }

    private void assertThatOthersAreServed() {
        tokens = refresh(Tokens.refreshToken(tokens));
        assertThat(tokens.statusCode()).isEqualTo(200);
        HttpResponse<String> me =
                GatewayProcess.get(uri("/api/me"), "Authorization", "Bearer " + Tokens.accessToken(tokens));
        assertThat(me.statusCode()).isEqualTo(200);
    }

    private void awaitTheirEnd() {
        await().atMost(PATIENCE).pollInterval(NOW_AND_THEN).until(() -> {
            assertThatOthersAreServed();
            return clients.haveAllEnded();
        });
        assertThatOthersAreServed();
        assertThat(gateway.isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory", "OutOfDirectMemory", "LEAK");
    }

    @Test
    @SecurityLine(30)
    void headThatDoesNotEndIsNotWaitedFor() {
        for (int i = 0; i < CLIENTS; i++) {
            clients.add("", "GET /api/me HTTP/1.1\r\nHost: a.example\r\nX-Slow: " + "a".repeat(10_000));
        }

        awaitTheirEnd();

        assertThat(clients.answers()).containsOnly("");
        assertThat(clients.unsent()).allMatch(bytes -> bytes > 0);
    }

    @Test
    @SecurityLine(30)
    void bodyOfARefreshThatDoesNotEndIsAnsweredWith408AndItsTokenIsNotUsed() {
        String token = Tokens.refreshToken(login());
        String head = "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\n";
        String body = "{\"refreshToken\":\"" + token + "\"" + " ".repeat(10_000);
        for (int i = 0; i < CLIENTS; i++) {
            if (i % 2 == 0) {
                clients.add(head + "Content-Length: 12000\r\n\r\n", body);
            } else {
                clients.add(head + "Transfer-Encoding: chunked\r\n\r\n2EE0\r\n", body);
            }
        }

        awaitTheirEnd();

        assertThat(clients.answers())
                .allSatisfy(answer -> assertThat(answer)
                        .startsWith("HTTP/1.1 408 ")
                        .containsIgnoringCase("\r\nconnection: close\r\n")
                        .endsWith("{\"error\":\"Request body did not arrive in time\"}"));
        assertThat(clients.unsent()).allMatch(bytes -> bytes > 0);
        assertThat(refresh(token).statusCode()).isEqualTo(200);
    }

    @Test
    void uploadTakesAsLongAsItsClientLikes() {
        String head = "POST /upload HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n";
        for (int i = 0; i < CLIENTS; i++) {
            if (i % 2 == 0) {
                clients.add(head + "Content-Length: " + BYTES + "\r\n\r\n", "a".repeat(BYTES));
            } else {
                clients.add(head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n".repeat(BYTES / 6) + "0\r\n\r\n");
            }
        }

        awaitTheirEnd();

        for (int i = 0; i < CLIENTS; i++) {
            assertThat(clients.answers().get(i))
                    .startsWith("HTTP/1.1 200 ")
                    .containsPattern("\\b" + "a".repeat(i % 2 == 0 ? BYTES : BYTES / 6) + "\\b");
        }
    }
}
