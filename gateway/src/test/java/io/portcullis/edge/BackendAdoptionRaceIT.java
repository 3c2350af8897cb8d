package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.session.AttemptId;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectRef;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First uses of one backend's token at the same moment; the dashboard has a grace, the app is strict. */
class BackendAdoptionRaceIT {
    private static final String APPS = "\"sub\":\"usr_1\",\"projectId\":\"prj_1\"";
    private static final String DASHBOARDS = "\"sub\":\"usr_1\"";

    private static final Duration SOON = Duration.ofSeconds(20);

    private static AdoptionWorld world;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        world = new AdoptionWorld("portcullis.realms.dashboard.reuse.grace=1h");
        gateway = world.gateway();
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @AfterEach
    void theBackendWasAskedOnce() {
        assertThat(world.backend().waiting()).isEqualTo(1);
        world.backend().take();
    }

    /** All of them are on their way before the backend answers one. */
    private static List<HttpResponse<String>> firstUses(int uses, String token, String claims) {
        world.exchangesFor(claims);
        CountDownLatch held = world.backend().hold();
        List<CompletableFuture<HttpResponse<String>>> answers = world.atOnce(uses, token);
        for (int i = 0; i < 10; i++) {
            gateway.get("/.well-known/portcullis/openapi.yaml");
        }
        held.countDown();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void strictlyOneGetsTokensAndTheNextOneIsAReuse(int uses) {
        List<HttpResponse<String>> answers = firstUses(uses, world.oldToken(), APPS);

        List<HttpResponse<String>> granted =
                answers.stream().filter(answer -> answer.statusCode() == 200).toList();
        assertThat(granted).hasSize(1);
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 401))
                .hasSize(uses - 1);
        assertThat(gateway.refresh(Tokens.refreshToken(granted.get(0))).statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void withGraceAllGetTheSameTokens(int uses) {
        List<HttpResponse<String>> answers = firstUses(uses, world.oldToken(), DASHBOARDS);

        assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
        assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
        assertThat(gateway.refresh(Tokens.refreshToken(answers.get(0))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void whatTheBackendSaysOfAnOldTokenWhileAllSessionsOfItsSubjectEndOpensNone() {
        SessionStore store = gateway.bean(SessionStore.class);
        SubjectRef subject = new SubjectRef("dashboard", "usr_2");
        RealmPolicy policy = gateway.bean(Realms.class).get("dashboard").policy();
        long now = Instant.now().getEpochSecond();
        String old = world.oldToken("\"iat\":" + (now - 60) + ",\"exp\":" + (now + 3600));
        world.exchangesFor("\"sub\":\"usr_2\"");
        CountDownLatch held = world.backend().hold();
        CompletableFuture<HttpResponse<String>> answer = world.atOnce(1, old).get(0);
        await().atMost(SOON)
                .until(() -> gateway.redis()
                        .command("EXISTS", AdoptionWorld.adoptionOf(old))
                        .equals("1"));

        store.revokeAll(subject, RevocationReason.SUBJECT, policy, AttemptId.random(), Duration.ZERO)
                .block(SOON);
        held.countDown();

        assertThat(answer.join().statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(old).statusCode()).isEqualTo(401);
        assertThat(store.list(subject).block(SOON)).isEmpty();
    }

    @Test
    void twoReplicasAskTheBackendOnce() {
        String old = world.oldToken();
        world.exchangesFor(DASHBOARDS);
        TestGateway other = world.replica("portcullis.realms.dashboard.reuse.grace=1h");
        CountDownLatch held = world.backend().hold();

        List<CompletableFuture<HttpResponse<String>>> answers = world.atOnce(1, old);
        CompletableFuture<HttpResponse<String>> others = CompletableFuture.supplyAsync(() -> other.refresh(old));
        for (int i = 0; i < 10; i++) {
            other.get("/.well-known/portcullis/openapi.yaml");
        }
        held.countDown();

        assertThat(answers.get(0).join().statusCode()).isEqualTo(200);
        assertThat(others.join().body()).isEqualTo(answers.get(0).join().body());
    }

    @Test
    void callsOverTheLimitWaitForTheirTurn() {
        TestGateway narrow = world.replica("portcullis.adoption.max-calls=1");
        world.exchangesFor(DASHBOARDS);
        CountDownLatch held = world.backend().hold();

        List<CompletableFuture<HttpResponse<String>>> answers = Stream.of(world.oldToken(), world.oldToken())
                .map(token -> CompletableFuture.supplyAsync(() -> narrow.refresh(token)))
                .toList();
        world.backend().take();
        for (int i = 0; i < 10; i++) {
            narrow.get("/.well-known/portcullis/openapi.yaml");
        }
        assertThat(world.backend().waiting()).isZero();
        held.countDown();

        assertThat(answers.stream().map(CompletableFuture::join)).allMatch(answer -> answer.statusCode() == 200);
    }
}
