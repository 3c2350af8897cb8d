package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Used tokens that come back, where realms differ: the dashboard has a grace, the app only reports. */
class ReuseIT {
    private static GatewayFixture<DemoBackend> strictRealms;
    private static GatewayFixture<DemoBackend> lenientRealms;

    // not in the fields: a test that is run again needs them again
    @BeforeAll
    static void start() {
        strictRealms = GatewayFixture.beforeDemo();
        lenientRealms = GatewayFixture.beforeDemo(
                "portcullis.realms.dashboard.reuse.grace=1h",
                "portcullis.realms.app.reuse.action=report",
                "portcullis.refresh.body-timeout=2s");
    }

    @AfterAll
    static void end() {
        strictRealms.close();
        lenientRealms.close();
    }

    private final TestGateway strict = strictRealms.gateway();
    private final TestGateway lenient = lenientRealms.gateway();

    private static List<HttpResponse<String>> atOnce(int uses, TestGateway gateway, String token) {
        HttpRequest request = gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + token + "\"}"))
                .build();
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, uses)
                .mapToObj(i -> gateway.client().sendAsync(request, BodyHandlers.ofString()))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20, 200})
    @SecurityLine(2)
    void ofManyUsesAtOnceOneGivesASuccessorAndTheSessionIsRevoked(int uses) {
        // a cold gateway on a busy machine may spend its budget, and then some of them are 503
        atOnce(200, strict, strictRealms.login());
        String token = strictRealms.login();

        List<HttpResponse<String>> answers = atOnce(uses, strict, token);

        Map<Integer, List<HttpResponse<String>>> byStatus =
                answers.stream().collect(Collectors.groupingBy(HttpResponse::statusCode));
        assertThat(byStatus).containsOnlyKeys(200, 401);
        assertThat(byStatus.get(200)).hasSize(1);
        assertThat(strict.refresh(Tokens.refreshToken(byStatus.get(200).get(0))).statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20, 200})
    void withinGraceManyUsesAtOnceGiveTheSameAnswer(int uses) {
        String token = lenientRealms.login();

        List<HttpResponse<String>> answers = atOnce(uses, lenient, token);

        Set<String> bodies = answers.stream().map(HttpResponse::body).collect(Collectors.toSet());
        assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
        assertThat(bodies).hasSize(1);
        String successor = Tokens.refreshToken(answers.get(0));
        assertThat(lenient.refresh(successor).statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine({4, 6})
    void graceIsOverOnceTheSuccessorIsUsed() {
        String first = lenientRealms.login();
        String second = Tokens.refreshToken(lenient.refresh(first));
        assertThat(Tokens.refreshToken(lenient.refresh(first))).isEqualTo(second);
        String third = Tokens.refreshToken(lenient.refresh(second));

        assertThat(lenient.refresh(first).statusCode()).isEqualTo(401);
        assertThat(lenient.refresh(third).statusCode()).isEqualTo(401);
    }

    /** Two tabs, one after the other. */
    @Test
    void withinGraceASecondTabHasTheAnswerOfTheFirst() {
        String token = lenientRealms.login();

        HttpResponse<String> one = lenient.refresh(token);
        HttpResponse<String> other = lenient.refresh(token);

        assertThat(one.statusCode()).isEqualTo(200);
        assertThat(other.body()).isEqualTo(one.body());
        assertThat(lenient.refresh(Tokens.refreshToken(other)).statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine(5)
    void afterTheGraceASecondTabIsAReuse() {
        String token = lenientRealms.login();
        String successor = Tokens.refreshToken(lenient.refresh(token));
        String sid = Tokens.claims(token).get("sid").asString();
        String record = lenient.redis().command("KEYS", "*:session:" + sid).trim();
        // two hours ago
        lenient.redis().command("HINCRBY", record, "at", "-7200000");

        assertThat(lenient.refresh(token).statusCode()).isEqualTo(401);
        assertThat(lenient.refresh(successor).statusCode()).isEqualTo(401);
    }

    @Test
    void aBodyThatDoesNotArriveInTimeIs408() {
        String answer = RawClient.send(
                lenient.port(),
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 100\r\n\r\n{\"refresh");

        assertThat(answer).startsWith("HTTP/1.1 408 ").contains("{\"error\":");
    }

    @Test
    void aRealmThatOnlyReportsAnswersReuseWithItsNewestToken() {
        String first = lenientRealms.login("/api/auth/local/login");
        String second = Tokens.refreshToken(lenient.refresh(first));
        String third = Tokens.refreshToken(lenient.refresh(second));

        HttpResponse<String> reused = lenient.refresh(first);

        assertThat(reused.statusCode()).isEqualTo(200);
        assertThat(Tokens.refreshToken(reused)).isEqualTo(third);
        assertThat(lenient.refresh(third).statusCode()).isEqualTo(200);
    }
}
