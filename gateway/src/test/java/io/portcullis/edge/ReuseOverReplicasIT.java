package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One token at three replicas at once. */
class ReuseOverReplicasIT {
    private static GatewayFixture<DemoBackend> fixture;
    private static List<TestGateway> replicas;

    @BeforeAll
    static void start() {
        fixture = GatewayFixture.beforeDemo();
        String backend = fixture.backend().uri();
        replicas = List.of(
                fixture.gateway(),
                fixture.gateway().replica(backend),
                fixture.gateway().replica(backend));
    }

    @AfterAll
    static void end() {
        replicas.subList(1, 3).forEach(TestGateway::close);
        fixture.close();
    }

    private static List<HttpResponse<String>> atOnce(int uses, String token) {
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, uses)
                .mapToObj(i -> replicas.get(i % replicas.size()))
                .map(replica -> replica.client()
                        .sendAsync(
                                replica.request("/api/auth/refresh", "Content-Type", "application/json")
                                        .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + token + "\"}"))
                                        .build(),
                                BodyHandlers.ofString()))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private static void assertRefusedEverywhere(String token) {
        for (TestGateway replica : replicas) {
            // 503 while it is not known yet whether the client of the first use has had its answer
            HttpResponse<String> answer = await().atMost(Duration.ofSeconds(20))
                    .until(() -> replica.refresh(token), given -> given.statusCode() != 503);
            assertThat(answer.statusCode()).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20, 200})
    @SecurityLine(2)
    void ofManyUsesAtThreeReplicasAtOnceExactlyOneGivesASuccessor(int uses) {
        String token = fixture.login();

        List<HttpResponse<String>> answers = atOnce(uses, token);

        assertThat(answers).extracting(HttpResponse::statusCode).containsOnlyOnce(200);
        assertThat(answers).extracting(HttpResponse::statusCode).isSubsetOf(200, 401, 503);
        String successor = answers.stream()
                .filter(answer -> answer.statusCode() == 200)
                .map(Tokens::refreshToken)
                .findFirst()
                .orElseThrow();
        assertRefusedEverywhere(token);
        assertRefusedEverywhere(successor);
    }
}
