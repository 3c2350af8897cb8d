package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.CommandsSeen;
import io.portcullis.session.RevokedSession;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bearer of a revoked session is refused on every route, at every replica: security.md, 45. */
class RejectRevokedSessionIT {
    private static final String LOGIN = "/api/auth/login";
    private static final String REFUSED = "{\"error\":\"Invalid token.\"}";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;
    private static TestGateway other;
    private static final List<TestGateway> replicas = new ArrayList<>();

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri(), "portcullis.cors.allowed-origins=https://app.example");
        other = replica();
    }

    private static TestGateway replica(String... properties) {
        TestGateway replica = gateway.replica(backend.uri(), properties);
        replicas.add(replica);
        return replica;
    }

    @AfterAll
    static void stop() {
        // together: the first that is closed ends the network threads of all
        replicas.forEach(TestGateway::close);
        gateway.close();
        backend.close();
        keys.close();
    }

    @BeforeEach
    void nothingIsWaiting() {
        while (backend.waiting() > 0) {
            backend.take();
        }
    }

    private static HttpResponse<String> call(TestGateway replica, String token) {
        return replica.get("/thing", "Authorization", "Bearer " + token);
    }

    private static Login revoked(String subject) {
        Login login = Login.at(gateway, backend, LOGIN, subject);
        logout(login);
        return login;
    }

    private static void logout(Login login) {
        assertThat(gateway.post("/api/auth/logout", "{}", "Authorization", "Bearer " + login.accessToken())
                        .statusCode())
                .isEqualTo(200);
        backend.take();
    }

    /** From the answer on: the replica that gave it has no excuse, another one a few milliseconds. */
    private static void assertRefusedEverywhere(String token) {
        assertRefused(call(gateway, token));
        await().until(() -> call(other, token).statusCode() == 401);
        nothingReachedTheBackendButTheOthersLast();
        assertRefused(call(other, token));
        assertThat(backend.waiting()).isZero();
    }

    private static void nothingReachedTheBackendButTheOthersLast() {
        while (backend.waiting() > 0) {
            assertThat(backend.take().headers("X-Forwarded-Port")).containsExactly(Integer.toString(other.port()));
        }
    }

    private static void assertRefused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEqualTo(REFUSED);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    @SecurityLine(43)
    void reuseEndsTheAccessTokensOfTheSession() {
        Login login = Login.at(gateway, backend, LOGIN, "usr_1");
        HttpResponse<String> refreshed = gateway.refresh(login.refreshToken());
        assertThat(call(gateway, Tokens.accessToken(refreshed)).statusCode()).isEqualTo(200);
        backend.take();

        assertThat(gateway.refresh(login.refreshToken()).statusCode()).isEqualTo(401);

        assertRefusedEverywhere(login.accessToken());
        assertRefusedEverywhere(Tokens.accessToken(refreshed));
    }

    @ParameterizedTest
    @CsvSource({"/api/auth/login,/api/auth/logout", "/api/auth/local/login,/api/auth/local/logout"})
    void logoutEndsTheAccessTokensOfItsSessionAndNoOthers(String login, String logout) {
        Login one = Login.at(gateway, backend, login, "usr_2");
        Login sibling = Login.at(gateway, backend, login, "usr_2");

        gateway.post(logout, "{}", "Authorization", "Bearer " + one.accessToken());
        backend.take();

        assertRefusedEverywhere(one.accessToken());
        assertThat(call(gateway, sibling.accessToken()).statusCode()).isEqualTo(200);
        assertThat(call(other, sibling.accessToken()).statusCode()).isEqualTo(200);
    }

    @Test
    void endOfASubjectEndsAllItsAccessTokens() {
        Login one = Login.at(gateway, backend, LOGIN, "usr_3");
        Login two = Login.at(gateway, backend, LOGIN, "usr_3");
        Login stranger = Login.at(gateway, backend, LOGIN, "usr_4");

        gateway.send(gateway.request("/api/users/password", "Authorization", "Bearer " + one.accessToken())
                .method("PATCH", BodyPublishers.ofString("{}")));
        backend.take();

        assertRefusedEverywhere(one.accessToken());
        assertRefusedEverywhere(two.accessToken());
        assertThat(call(gateway, stranger.accessToken()).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /thing",
                "HEAD /thing",
                "POST /api/auth/login",
                "POST /api/auth/logout",
                "PATCH /api/users/password",
                "DELETE /api/orgs/o/members/m",
                "GET /api/auth/oauth/callback/x",
                "OPTIONS /thing"
            })
    @SecurityLine(45)
    void everyRouteThatForwardsRefuses(String target) {
        Login login = revoked("usr_5");

        String answer = RawClient.send(
                gateway.port(),
                target + " HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer " + login.accessToken()
                        + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");

        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(backend.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nAuthorization: Bearer TOKEN",
                "GET /socket.io/?access_token=TOKEN HTTP/1.1\r\nX-A: b",
                "GET /socket.io/?a=b&%74oken=TOKEN HTTP/1.1\r\nX-A: b",
                "GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: bearer, TOKEN",
                "GET /ws HTTP/1.1\r\nauthorization: bEARER \t TOKEN",
                "GET /ws HTTP/1.1\r\nAuthorization: Basic dTpw\r\nAuthorization: Bearer TOKEN"
            })
    @SecurityLine(45)
    void upgradeToWebSocketIsRefused(String start) {
        Login login = revoked("usr_6");

        String answer = RawClient.send(
                gateway.port(),
                start.replace("TOKEN", login.accessToken())
                        + "\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 401 ").contains(REFUSED);
        assertThat(backend.waiting()).isZero();
    }

    @Test
    @SecurityLine(45)
    void tokenWhoseSignatureIsWrittenOtherwiseIsRefused() {
        Login login = revoked("usr_7");

        assertRefused(call(gateway, login.accessToken() + "="));
        assertRefused(call(
                gateway, login.accessToken().substring(0, login.accessToken().length() - 1)));
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void pageOfAnotherOriginCanReadTheRefusal() {
        Login login = revoked("usr_8");

        HttpResponse<String> answer = gateway.get(
                "/thing", "Authorization", "Bearer " + login.accessToken(), "Origin", "https://app.example");

        assertRefused(answer);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://app.example");
    }

    @Test
    void refreshTokenDecidesAloneAtTheRefreshEndpoint() {
        Login dead = revoked("usr_9");
        Login alive = Login.at(gateway, backend, LOGIN, "usr_9");

        HttpResponse<String> refreshed = gateway.post(
                "/api/auth/refresh",
                "{\"refreshToken\":\"" + alive.refreshToken() + "\"}",
                "Authorization",
                "Bearer " + dead.accessToken());

        assertThat(refreshed.statusCode()).isEqualTo(200);
    }

    @Test
    void accessTokenThatItsBackendLetLiveLongerIsRefusedAsLong() {
        Login login = Login.withLifetime(gateway, backend, "/api/auth/local/login", "usr_10", 86_400);
        gateway.post("/api/auth/local/logout", "{}", "Authorization", "Bearer " + login.accessToken());
        backend.take();

        SessionId sid = new SessionId(login.sid());
        RevokedSessions atTheOther = other.bean(RevokedSessions.class);
        await().until(() -> atTheOther.realmOf(sid, Instant.now()) != null);
        for (TestGateway replica : new TestGateway[] {gateway, other}) {
            RevokedSessions known = replica.bean(RevokedSessions.class);
            await().until(() -> known.realmOf(sid, Instant.now().plusSeconds(86_000)) != null);
            assertThat(known.realmOf(sid, Instant.now().plusSeconds(86_500))).isNull();
        }
    }

    @Test
    void requestsCostNoCommandOfRedisHoweverManyAreRevoked() {
        Login login = Login.at(gateway, backend, LOGIN, "usr_11");
        RevokedSessions known = gateway.bean(RevokedSessions.class);
        for (int i = 0; i < 100_000; i++) {
            known.add(
                    new RevokedSession(
                            SessionId.random("usr_" + i), "app", Instant.now().plusSeconds(5)),
                    Instant.now());
        }
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        for (int i = 0; i < 50; i++) {
            assertThat(call(gateway, login.accessToken()).statusCode()).isEqualTo(200);
            assertThat(gateway.get("/thing").statusCode()).isEqualTo(200);
        }

        assertThat(commands.end()).isEmpty();
        assertThat(known.size()).isGreaterThanOrEqualTo(100_000);
        // and they leave when their time is up
        await().until(() -> known.size() < 1000);
    }

    @Test
    @SecurityLine(43)
    void replicaThatStartsKnowsWhatWasRevokedBefore() {
        Login login = revoked("usr_12");

        assertRefused(call(replica(), login.accessToken()));
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void answerIsConfigurable() {
        Login login = revoked("usr_13");

        TestGateway forbidding = replica(
                "spring.cloud.gateway.server.webflux.default-filters[0]=PreserveHostHeader",
                "spring.cloud.gateway.server.webflux.default-filters[1]=RejectRevokedSession=403,Signed \"out\"",
                "portcullis.revocation.headers=X-Token");

        HttpResponse<String> answer = forbidding.get("/thing", "x-token", login.accessToken());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Signed \\\"out\\\"\"}");
        assertThat(call(forbidding, login.accessToken()).statusCode()).isEqualTo(200);
    }

    @Test
    void loginIsExemptWhereTheOtherRoutesNameTheFilterThemselves() {
        Login login = revoked("usr_15");
        String routes = "spring.cloud.gateway.server.webflux.routes";

        TestGateway exempting = replica(
                "spring.cloud.gateway.server.webflux.default-filters[0]=PreserveHostHeader",
                routes + "[0].id=dashboard-login",
                routes + "[0].uri=" + backend.uri(),
                routes + "[0].predicates[0]=Path=" + LOGIN,
                routes + "[0].filters[0]=OpenSession=dashboard",
                routes + "[1].id=everything-else",
                routes + "[1].uri=" + backend.uri(),
                routes + "[1].predicates[0]=Path=/**",
                routes + "[1].filters[0]=RejectRevokedSession");

        String bearer = "Bearer " + login.accessToken();
        assertRefused(gateway.post(LOGIN, "{}", "Authorization", bearer));
        assertThat(exempting.post(LOGIN, "{}", "Authorization", bearer).statusCode())
                .isEqualTo(200);
        assertRefused(call(exempting, login.accessToken()));
        assertThat(backend.waiting()).isEqualTo(1);
    }

    @Test
    void refusalsAreCountedByRealm() {
        Login login = revoked("usr_14");
        assertRefused(call(gateway, login.accessToken()));

        String metrics = metrics(gateway);

        assertThat(metrics)
                .containsPattern(
                        "portcullis_revocation_refused_total\\{.*realm=\"dashboard\",reason=\"revoked\"} [1-9]")
                .containsPattern("portcullis_revocation_known(\\{.*})? [1-9]")
                .containsPattern("portcullis_revocation_complete(\\{.*})? 1")
                .containsPattern("portcullis_revocation_lost_total\\{.*reason=\"evicted\".*} 0")
                .containsPattern("portcullis_revocation_lag_seconds_count(\\{.*})? [1-9]");
    }

    private static String metrics(TestGateway replica) {
        URI prometheus = URI.create("http://127.0.0.1:" + replica.managementPort() + "/actuator/prometheus");
        return replica.send(HttpRequest.newBuilder(prometheus).build(), BodyHandlers.ofString())
                .body();
    }
}
