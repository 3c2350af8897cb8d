package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.CommandsSeen;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The refresh endpoint as clients meet it: contract.md, 1. */
class RefreshIT {
    private static final String REFUSED = "{\"error\":\"Invalid or expired refresh token\"}";

    private static DemoKeys keys;
    private static DemoBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @AfterEach
    void theBackendsOwnRefreshEndpointIsNeverReached() {
        assertThat(backend.refreshesReached()).isZero();
    }

    static Stream<String> logins() {
        return Stream.of("/api/auth/login", "/api/auth/local/login");
    }

    private static HttpResponse<String> login(String path) {
        return gateway.post(path, "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
    }

    @ParameterizedTest
    @MethodSource("logins")
    @SecurityLine(32)
    void aNewPairHasFourMembersAndNoOthers(String path) {
        HttpResponse<String> answer = gateway.refresh(Tokens.refreshToken(login(path)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .matches("\\{\"message\":\"Token refreshed successfully\",\"token\":\"[\\w.-]+\","
                        + "\"refreshToken\":\"[\\w.-]+\",\"expiresIn\":1800}");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @ParameterizedTest
    @MethodSource("logins")
    @SecurityLine(13)
    void theNewAccessTokenIsTheBackendsOwnWithNewTimesAndTheSession(String path) {
        HttpResponse<String> login = login(path);
        String first = Tokens.accessToken(login);
        Instant before = Instant.now().minusSeconds(1);

        String second = Tokens.accessToken(gateway.refresh(Tokens.refreshToken(login)));

        JsonNode old = Tokens.claims(first);
        JsonNode claims = Tokens.claims(Tokens.verifiedClaims(keys.accessTokenKey(), second) == null ? "" : second);
        assertThat(claims.propertyNames()).containsExactlyInAnyOrderElementsOf(old.propertyNames());
        for (String name : old.propertyNames()) {
            if (!name.equals("iat") && !name.equals("exp")) {
                assertThat(claims.get(name)).as(name).isEqualTo(old.get(name));
            }
        }
        assertThat(claims.get("sid").asString()).hasSize(44);
        assertThat(claims.get("iat").asLong())
                .isBetween(before.getEpochSecond(), Instant.now().getEpochSecond() + 1);
        assertThat(claims.get("exp").asLong() - claims.get("iat").asLong()).isEqualTo(1800);
        assertThat(Tokens.header(second)).isEqualTo(Tokens.header(first));
        assertThat(Tokens.header(second).has("kid")).isFalse();
        assertThat(gateway.get("/api/me", "Authorization", "Bearer " + second).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("logins")
    @SecurityLine(1)
    void aReplayedTokenIsRefusedAndTheNewestTokenToo(String path) {
        String first = Tokens.refreshToken(login(path));
        String second = Tokens.refreshToken(gateway.refresh(first));
        String third = Tokens.refreshToken(gateway.refresh(second));

        HttpResponse<String> replay = gateway.refresh(first);
        HttpResponse<String> newest = gateway.refresh(third);

        assertRefused(replay);
        assertRefused(newest);
    }

    @Test
    @SecurityLine(8)
    void theUsersOtherSessionsLiveOn() {
        String attacked = Tokens.refreshToken(login("/api/auth/login"));
        String other = Tokens.refreshToken(login("/api/auth/login"));
        String otherRealm = Tokens.refreshToken(login("/api/auth/local/login"));
        gateway.refresh(attacked);

        assertRefused(gateway.refresh(attacked));

        assertThat(gateway.refresh(other).statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(otherRealm).statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine(9)
    void aHundredRotationsInARowLeaveOneLiveToken() {
        String first = Tokens.refreshToken(login("/api/auth/login"));
        String newest = first;
        for (int i = 1; i <= 100; i++) {
            newest = Tokens.refreshToken(gateway.refresh(newest));
            assertThat(Tokens.claims(newest).get("gen").asInt()).isEqualTo(i);
        }

        assertRefused(gateway.refresh(first));
        assertRefused(gateway.refresh(newest));
    }

    @ParameterizedTest
    @MethodSource("logins")
    void aLogoutEndsTheSession(String path) {
        HttpResponse<String> login = login(path);
        String logout = path.replace("login", "logout");

        assertThat(gateway.post(logout, "", "Authorization", "Bearer not.a.token")
                        .statusCode())
                .isEqualTo(401);
        String refreshToken = Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login)));
        assertThat(gateway.post(logout, "", "Authorization", "Bearer " + Tokens.accessToken(login))
                        .statusCode())
                .isEqualTo(200);

        assertRefused(gateway.refresh(refreshToken));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "refreshToken=abc",
                "null",
                "[]",
                "\"text\"",
                "17",
                "{}",
                "{\"refreshToken\":null}",
                "{\"refreshToken\":\"\"}",
                "{\"refreshToken\":\"  \\t\"}",
                "{\"refreshToken\":17}",
                "{\"refreshToken\":{}}",
                "{\"refreshToken\":[\"a\"]}",
                "{\"refreshtoken\":\"abc\"}",
                "{\"a\":{\"refreshToken\":\"abc\"}}",
                "{\"refreshToken\":\"abc\"",
                "{\"refreshToken\":\"abc\"}}",
                "{\"refreshToken\":\"abc\",}",
                "{'refreshToken':'abc'}",
                "/**/{\"refreshToken\":\"abc\"}",
                "{\"refreshToken\":\"abc\",\"refreshToken\":\"def\"}",
                "\uFEFF{\"refreshToken\":\"abc\"}"
            })
    @SecurityLine({32, 35})
    void aRequestWithoutATokenIs400(String body) {
        HttpResponse<String> answer = gateway.post("/api/auth/refresh", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Refresh token is required\"}");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "?"})
    @SecurityLine(35)
    void aTokenThatOtherParsersWouldNotSeeIs400(String contentType) {
        HttpResponse<String> answer = gateway.send(gateway.request("/api/auth/refresh", "Content-Type", contentType)
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"abc\"}")));

        assertThat(answer.statusCode()).isEqualTo(400);
    }

    @Test
    @SecurityLine(31)
    void aTokenInTheQueryIsNotLookedAt() {
        String token = Tokens.refreshToken(login("/api/auth/login"));

        assertThat(gateway.post("/api/auth/refresh?refreshToken=" + token, "").statusCode())
                .isEqualTo(400);
        assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenInABodyThatBreaksOffIsNotRotated() {
        String token = Tokens.refreshToken(login("/api/auth/login"));
        String body = "{\"refreshToken\":\"" + token + "\"}";

        String answer = RawClient.send(
                gateway.port(),
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                        + "\r\nno chunk\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ");
        String next = Tokens.refreshToken(gateway.refresh(token));
        assertThat(Tokens.claims(next).get("gen").asInt()).isEqualTo(1);
        assertThat(gateway.refresh(next).statusCode()).isEqualTo(200);
    }

    @Test
    void spacingAndACharsetMakeNoDifference() {
        String token = Tokens.refreshToken(login("/api/auth/login"));

        HttpResponse<String> answer =
                gateway.send(gateway.request("/api/auth/refresh", "Content-Type", "application/json; charset=utf-8")
                        .POST(BodyPublishers.ofString("\n { \"refreshToken\" :\t\"" + token + "\" }\r\n")));

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine({19, 30})
    void junkIs401AndCostsNoRedisCommand() {
        HttpResponse<String> login = login("/api/auth/login");
        String token = Tokens.refreshToken(login);
        String forged = token.substring(0, token.length() - 5) + (token.endsWith("AAAAA") ? "BBBBB" : "AAAAA");
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        assertRefused(gateway.refresh("abc"));
        assertRefused(gateway.refresh("a.b.c"));
        assertRefused(gateway.refresh("😀😀😀.a.b"));
        assertRefused(gateway.refresh(forged));
        assertRefused(gateway.refresh(Tokens.accessToken(login)));
        assertRefused(gateway.refresh("x".repeat(10_000)));
        // a backend's own, where none are adopted
        assertRefused(gateway.refresh(Tokens.sign(keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"type\":\"refresh\"}")));

        assertThat(commands.end()).isEmpty();
    }

    @Test
    void aRefreshCostsOneRedisCommand() {
        String token = Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login("/api/auth/login"))));
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);

        assertThat(commands.end()).hasSize(1);
    }

    @Test
    void forwardedTrafficCostsNoRedisCommand() {
        String accessToken = Tokens.accessToken(login("/api/auth/login"));
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        assertThat(gateway.get("/api/me", "Authorization", "Bearer " + accessToken)
                        .statusCode())
                .isEqualTo(200);

        assertThat(commands.end()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH"})
    void anotherMethodIs405(String method) {
        HttpResponse<String> answer =
                gateway.send(gateway.request("/api/auth/refresh").method(method, BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("OPTIONS, POST");
        assertThat(answer.body()).isEqualTo("{\"error\":\"Method not allowed\"}");
    }

    @Test
    @SecurityLine(30)
    void aBodyOverTheLimitIs413HoweverItIsFramed() {
        byte[] large = ("{\"refreshToken\":\"" + "x".repeat(20_000) + "\"}").getBytes(StandardCharsets.US_ASCII);

        HttpResponse<String> withLength =
                gateway.send(gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(large)));
        HttpResponse<String> chunked =
                gateway.send(gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));

        assertThat(withLength.statusCode()).isEqualTo(413);
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(withLength.body()).isEqualTo(chunked.body()).contains("\"error\":");
    }

    private static void assertRefused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEqualTo(REFUSED);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
}
