package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawClient;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
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

/** Used tokens that come back, where realms differ: the dashboard has a grace, the app only reports. */
class ReuseIT {
    private static DemoKeys keys;
    private static DemoBackend backend;
    private static TestGateway strict;
    private static TestGateway lenient;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        strict = TestGateway.start(keys, backend.uri());
        lenient = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.realms.dashboard.reuse.grace=1h",
                "portcullis.realms.app.reuse.action=report",
                "portcullis.refresh.body-timeout=300ms");
    }

    @AfterAll
    static void stop() {
        strict.close();
        lenient.close();
        backend.close();
        keys.close();
    }

    private static String login(TestGateway gateway, String path) {
        return Tokens.refreshToken(
                gateway.post(path, "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
    }

    private static List<HttpResponse<String>> atOnce(int uses, TestGateway gateway, String token) {
        HttpRequest request = gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + token + "\"}"))
                .build();
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, uses)
                .mapToObj(i -> gateway.client().sendAsync(request, BodyHandlers.ofString()))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    @Test
    void twoHundredUsesAtOnceGiveOneSuccessorAndTheSessionIsRevoked() {
        // a cold gateway on a busy machine may spend its budget, and then some of them are 503
        atOnce(200, strict, login(strict, "/api/auth/login"));
        String token = login(strict, "/api/auth/login");

        List<HttpResponse<String>> answers = atOnce(200, strict, token);

        Map<Integer, List<HttpResponse<String>>> byStatus =
                answers.stream().collect(Collectors.groupingBy(HttpResponse::statusCode));
        assertThat(byStatus).containsOnlyKeys(200, 401);
        assertThat(byStatus.get(200)).hasSize(1);
        assertThat(strict.refresh(Tokens.refreshToken(byStatus.get(200).get(0))).statusCode())
                .isEqualTo(401);
    }

    @Test
    void withinGraceTwoHundredUsesAtOnceGiveTheSameSuccessor() {
        String token = login(lenient, "/api/auth/login");

        List<HttpResponse<String>> answers = atOnce(200, lenient, token);

        Set<String> bodies = answers.stream().map(HttpResponse::body).collect(Collectors.toSet());
        assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
        assertThat(bodies).hasSize(1);
        String successor = Tokens.refreshToken(answers.get(0));
        assertThat(lenient.refresh(successor).statusCode()).isEqualTo(200);
    }

    @Test
    void graceIsOverOnceTheSuccessorIsUsed() {
        String first = login(lenient, "/api/auth/login");
        String second = Tokens.refreshToken(lenient.refresh(first));
        assertThat(Tokens.refreshToken(lenient.refresh(first))).isEqualTo(second);
        String third = Tokens.refreshToken(lenient.refresh(second));

        assertThat(lenient.refresh(first).statusCode()).isEqualTo(401);
        assertThat(lenient.refresh(third).statusCode()).isEqualTo(401);
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
        String first = login(lenient, "/api/auth/local/login");
        String second = Tokens.refreshToken(lenient.refresh(first));
        String third = Tokens.refreshToken(lenient.refresh(second));

        HttpResponse<String> reused = lenient.refresh(first);

        assertThat(reused.statusCode()).isEqualTo(200);
        assertThat(Tokens.refreshToken(reused)).isEqualTo(third);
        assertThat(lenient.refresh(third).statusCode()).isEqualTo(200);
    }
}
