package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.leaks.Secrets;
import io.portcullis.redis.RedisServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * A gateway at TRACE from its start to its end, with every secret that it can have and every kind of request: neither its
 * log nor its metrics, traces and events hold one of them. The whole suite looks at what its gateways print, see
 * {@link io.portcullis.leaks.NoSecretIsPrinted}.
 */
class TraceLevelProcessIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String LOGIN = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";
    private static final String REDIS_PASSWORD = Secrets.made("redis");
    private static final String OPERATORS_PASSWORD = Secrets.made("operator");
    private static final String OF_THE_WEBHOOK = Secrets.made("webhook");
    private static final String IN_A_QUERY = Secrets.made("query");
    private static final String IN_A_PATH = Secrets.made("path");
    private static final String IN_A_COOKIE = Secrets.made("cookie");

    private final int port = GatewayProcess.freePort();
    private final int managementPort = GatewayProcess.freePort();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    @SecurityLine(31)
    void nothingThatAGatewayTellsAtTraceHoldsASecret() throws Exception {
        DemoKeys keys = DemoKeys.generate();
        try (RedisServer redis = RedisServer.start();
                ToldOutside outside = new ToldOutside();
                DemoBackend backend = DemoBackend.start(
                        keys.accessTokenKey(),
                        routes -> routes.get(
                                        "/events",
                                        (request, response) -> response.sse().sendString(Mono.just("data: 1\n\n")))
                                .ws(
                                        "/socket",
                                        (in, out) -> out.sendString(in.receive().asString())))) {
            redis.command("ACL", "SETUSER", "gateway", "on", ">" + REDIS_PASSWORD, "~*", "&*", "+@all");
            String webhookSecret =
                    Base64.getEncoder().encodeToString(new byte[33]).replace('A', 'q');
            Secrets.add(webhookSecret);
            GatewayProcess gateway = GatewayProcess.start(
                    variables(keys, backend, redis, outside, webhookSecret),
                    "-Dportcullis.operators.passwords.opal={noop}" + OPERATORS_PASSWORD);
            try {
                gateway.awaitReady(managementPort);
                sessions();
                adoption(keys);
                refusals();
                forwarding();
                String metrics = operators();
                outage(redis);
                await().atMost(SOON).until(() -> outside.bodies().stream().anyMatch(b -> b.contains("refresh.reused")));
                String stream = redis.command("XRANGE", "portcullis:events", "-", "+");
                gateway.terminate();
                gateway.exitCode(SOON);

                // it did say everything, and kept quiet about this
                assertThat(gateway.output()).contains(" TRACE ", "Refresh token reused", "io.lettuce", "reactor.netty");
                assertThat(outside.bodies()).anyMatch(body -> body.contains("EVALSHA rotate_session"));
                assertThat(leaks(gateway.output().lines())).isEmpty();
                assertThat(leaks(Stream.concat(Stream.of(stream), metrics.lines())))
                        .isEmpty();
                assertThat(leaks(outside.bodies().stream())).isEmpty();
            } finally {
                gateway.close();
            }
        } finally {
            keys.close();
        }
    }

    private static TreeSet<String> leaks(Stream<String> told) {
        TreeSet<String> leaks = new TreeSet<>();
        told.forEach(line -> {
            String secret = line.contains(DemoBackend.PASSWORD) ? DemoBackend.PASSWORD : Secrets.in(line);
            if (secret != null) {
                leaks.add(secret + " in " + line.substring(0, Math.min(300, line.length())));
            }
        });
        return leaks;
    }

    private Map<String, String> variables(
            DemoKeys keys, DemoBackend backend, RedisServer redis, ToldOutside outside, String webhookSecret) {
        Map<String, String> variables = new HashMap<>(Map.of(
                "LOGGING_LEVEL_ROOT", "TRACE",
                "SERVER_PORT", Integer.toString(port),
                "MANAGEMENT_SERVER_PORT", Integer.toString(managementPort),
                "SPRING_DATA_REDIS_URL", "redis://gateway:" + REDIS_PASSWORD + "@127.0.0.1:" + redis.port(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                "PORTCULLIS_WEBHOOK_URI", outside.uri("/" + OF_THE_WEBHOOK),
                "PORTCULLIS_WEBHOOK_SECRET", webhookSecret,
                "PORTCULLIS_TRACING_ENDPOINT", outside.uri("/v1/traces")));
        variables.putAll(Map.of(
                "PORTCULLIS_TRACING_SAMPLING", "1",
                "PORTCULLIS_CORS_ALLOWEDORIGINS", "https://app.example",
                "PORTCULLIS_REALMS_APP_ADOPTION_MODE", "verify",
                "PORTCULLIS_REALMS_APP_ADOPTION_KEYS", keys.accessTokenKeys().toString(),
                "PORTCULLIS_REALMS_APP_ADOPTION_REQUIREDCLAIMS_TYPE", "refresh",
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"));
        return variables;
    }

    /** Opened, rotated, rotated after a change of claims, reused, logged out. */
    private void sessions() throws Exception {
        for (String path : List.of("/api/auth/login", "/api/auth/local/login")) {
            HttpResponse<String> login = post(path, LOGIN);
            HttpResponse<String> refreshed = refresh(Tokens.refreshToken(login));
            assertThat(refreshed.statusCode()).isEqualTo(200);
            assertThat(get("/api/me", "Authorization", "Bearer " + Tokens.accessToken(refreshed))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(refresh(Tokens.refreshToken(login)).statusCode()).isEqualTo(401);
            assertThat(refresh(Tokens.refreshToken(refreshed)).statusCode()).isEqualTo(401);
            String left = Tokens.accessToken(post(path, LOGIN));
            assertThat(post(path.replace("login", "logout"), "{}", "Authorization", "Bearer " + left)
                            .statusCode())
                    .isEqualTo(200);
            await().atMost(SOON)
                    .until(() ->
                            get("/api/me", "Authorization", "Bearer " + left).statusCode() == 401);
        }
    }

    private void adoption(DemoKeys keys) throws Exception {
        String old = Tokens.sign(
                keys.accessTokenKey(),
                "{\"sub\":\"usr_1\",\"type\":\"refresh\",\"exp\":"
                        + Instant.now().plusSeconds(3600).getEpochSecond() + "}");
        HttpResponse<String> adopted = refresh(old);
        assertThat(adopted.statusCode()).isEqualTo(200);
        assertThat(refresh(old).statusCode()).isEqualTo(401);
    }

    /** Forged, of another key, cut off, not JSON, not even text, twice, too large, another method, another path. */
    private void refusals() throws Exception {
        String token = Tokens.refreshToken(post("/api/auth/login", LOGIN));
        String forged = token.substring(0, token.lastIndexOf('.') + 1) + "A".repeat(43);
        String strangers;
        try (DemoKeys others = DemoKeys.generate()) {
            strangers = Tokens.sign(others.accessTokenKey(), "{\"sub\":\"ada\",\"type\":\"refresh\"}");
        }
        for (String refused : List.of(forged, strangers, token.substring(1), token + "x", token.replace('.', '!'))) {
            assertThat(refresh(refused).statusCode()).isEqualTo(401);
        }
        for (String body : List.of(
                "{\"refreshToken\":\"" + token,
                "{\"refreshToken\":" + token + "}",
                token,
                "{\"" + token + "\":1}",
                "{\"refreshToken\":\"" + token + "\",\"refreshToken\":\"" + token + "\"}",
                "refreshToken=" + token)) {
            assertThat(post("/api/auth/refresh", body).statusCode()).isEqualTo(400);
        }
        assertThat(refresh(token + "x".repeat(100_000)).statusCode()).isEqualTo(413);
        assertThat(get("/api/auth/refresh?refreshToken=" + token).statusCode()).isEqualTo(405);
        assertThat(get("/api//auth/%72efresh;" + token).statusCode()).isBetween(400, 599);
        try (RawConnection two = RawConnection.to(port)) {
            assertThat(two.write("GET /" + token + " HTTP/1.1\r\nHost: a\r\nHost: " + token + "\r\n\r\n")
                            .head())
                    .startsWith("HTTP/1.1 400");
        }
    }

    /** To the backends, in every way there is: with tokens wherever a client may put them. */
    private void forwarding() throws Exception {
        String token = Tokens.accessToken(post("/api/auth/login", LOGIN));
        get("/api/me", "Authorization", "Bearer " + token, "Cookie", "session=" + IN_A_COOKIE);
        get("/api/me?access_token=" + token + "&more=" + IN_A_QUERY);
        get("/none?more=" + IN_A_QUERY, "X-Api-Key", token);
        get("/passwords/" + IN_A_PATH);
        assertThat(get("/events", "Authorization", "Bearer " + token).body()).contains("data: 1");
        get("/.well-known/jwks.json", "Authorization", "Bearer " + token);
        get("/api/me?token=" + token, "Origin", "https://app.example");
        client.send(
                request("/api/auth/refresh?token=" + token, "Origin", "https://app.example")
                        .header("Access-Control-Request-Method", "POST")
                        .method("OPTIONS", BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        WebSocket socket = client.newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + port + "/socket?token=" + token), new WebSocket.Listener() {})
                .join();
        socket.sendText(token, true).join();
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        try (RawHttp2 http2 = RawHttp2.connect(port)) {
            http2.exchange(
                    RawHttp2.head("POST", "/api/auth/refresh?token=" + token, "content-type", "application/json"),
                    "{\"refreshToken\":\"" + token + "\"}");
            http2.exchange(RawHttp2.head("POST", "/api/auth/login", "authorization", "Bearer " + token), LOGIN);
        }
    }

    /** A right password and a wrong one; a session shown, its subject's claims changed, all of them ended. */
    private String operators() throws Exception {
        String right = "Basic " + Base64.getEncoder().encodeToString(("opal:" + OPERATORS_PASSWORD).getBytes());
        Secrets.add(right.substring(6).replaceAll("=+$", ""));
        String token = Tokens.refreshToken(post("/api/auth/login", LOGIN));
        String subject = Objects.requireNonNull(Tokens.claims(token).get("sub").asString());
        String sessions = "http://127.0.0.1:" + managementPort + "/actuator/sessions";
        for (String password : List.of(right, "Basic b3BhbDo=", "Bearer " + token)) {
            GatewayProcess.get(URI.create(sessions + "?realm=dashboard&subject=" + subject), "Authorization", password);
        }
        GatewayProcess.post(
                URI.create(sessions),
                "{\"realm\":\"dashboard\",\"subject\":\"" + subject + "\",\"claims\":\"{\\\"note\\\":\\\""
                        + Secrets.made("claim") + "\\\"}\"}",
                "Authorization",
                right);
        assertThat(refresh(token).statusCode()).isEqualTo(200);
        client.send(
                HttpRequest.newBuilder(URI.create(sessions + "?realm=dashboard&subject=" + subject))
                        .header("Authorization", right)
                        .DELETE()
                        .build(),
                BodyHandlers.ofString());
        return GatewayProcess.get(URI.create("http://127.0.0.1:" + managementPort + "/actuator/prometheus"))
                .body();
    }

    /** Logins that pass as they are, refreshes that end with 503, and connections that begin anew. */
    private void outage(RedisServer redis) throws Exception {
        String token = Tokens.refreshToken(post("/api/auth/login", LOGIN));
        redis.pause();
        assertThat(refresh(token).statusCode()).isEqualTo(503);
        assertThat(post("/api/auth/login", LOGIN).statusCode()).isEqualTo(200);
        redis.resume();
        redis.command("CLIENT", "KILL", "TYPE", "normal");
        await().atMost(SOON).until(() -> refresh(token).statusCode() == 200);
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(SOON);
        return headers.length == 0 ? request : request.headers(headers);
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        return client.send(request(path, headers).GET().build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String json, String... headers) throws Exception {
        return client.send(
                request(path, headers)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> refresh(String token) throws Exception {
        return post("/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}");
    }
}
