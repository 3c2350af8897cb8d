package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.StoredRecords;
import io.portcullis.token.BackendToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backends, clients, replicas and a Redis that fail in the middle of an adoption. */
class BackendAdoptionFaultsIT {
    private static AdoptionWorld world;
    private static TestGateway gateway;

    private String old;

    @BeforeAll
    static void start() {
        world = new AdoptionWorld("portcullis.adoption.timeout=700ms");
        gateway = world.gateway();
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @BeforeEach
    void forgetEverything() {
        old = world.oldToken();
        gateway.redis().command("FLUSHALL");
        world.backend().forget();
    }

    private static void assertUnavailable(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 3L);
    }

    private void assertTheNextTryWorks() {
        assertThat(gateway.redis().command("KEYS", "portcullis:{*")).isEmpty();
        assertThat(gateway.redis().command("KEYS", "portcullis:sessions:*")).isEmpty();
        world.exchangesFor("\"sub\":\"usr_1\"");
        HttpResponse<String> answer = gateway.refresh(old);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(answer)).statusCode()).isEqualTo(200);
    }

    @Test
    void anAnswerThatDecidesNothingIs503AndTheNextTryWorks() {
        String stranger;
        try (DemoKeys others = DemoKeys.generate()) {
            stranger = Tokens.sign(others.accessTokenKey(), "{\"sub\":\"usr_1\"}");
        }
        String[][] answers = {
            {"500", "{\"error\":\"x\"}"},
            {"502", "<html>"},
            {"200", "<html>"},
            {"200", "{}"},
            {"204", ""},
            {"302", world.tokens(world.access("\"sub\":\"usr_1\""))},
            {"200", world.tokens(stranger)},
            {"200", world.tokens(world.access("\"email\":\"nobody@example.org\""))},
            {
                "200",
                "{\"pad\":\"" + "x".repeat(70_000) + "\","
                        + world.tokens(world.access("\"sub\":\"usr_1\"")).substring(1)
            }
        };
        for (String[] answer : answers) {
            world.answers(
                    Integer.parseInt(answer[0]),
                    answer[1],
                    "Location: " + world.backend().uri() + "/elsewhere");

            assertUnavailable(gateway.refresh(old));

            assertThat(world.backend().take().line()).startsWith("POST /api/auth/refresh ");
            assertThat(world.backend().waiting()).isZero();
        }
        world.backend().answerWith("gibberish\r\n\r\n");
        assertUnavailable(gateway.refresh(old));
        assertTheNextTryWorks();
    }

    @Test
    void aBackendThatRefusesConnectionsIs503AndTheNextTryWorks() {
        world.backend().goAway();

        assertUnavailable(gateway.refresh(old));

        world.backend().comeBack();
        assertTheNextTryWorks();
    }

    @Test
    void aBackendThatHangsIs503AndTheNextTryWorks() {
        CountDownLatch held = world.backend().hold();

        assertUnavailable(gateway.refresh(old));

        held.countDown();
        assertTheNextTryWorks();
    }

    @Test
    @SecurityLine(39)
    void withoutRedisABackendIsNotAsked() {
        gateway.redis().stop();

        assertUnavailable(gateway.refresh(old));

        assertThat(world.backend().waiting()).isZero();
        gateway.redis().startAgain();
        world.exchangesFor("\"sub\":\"usr_1\"");
        await().until(() -> gateway.refresh(old).statusCode() == 200);
    }

    private static boolean isNothingPending() {
        Gauge pending = gateway.bean(MeterRegistry.class)
                .get("portcullis.marks.pending")
                .gauge();
        return pending.value() == 0;
    }

    @Test
    void whatABackendExchangedWhileRedisWentAwayIsKeptForItsClient() {
        world.exchangesFor("\"sub\":\"usr_1\"");
        CountDownLatch held = world.backend().hold();
        CompletableFuture<HttpResponse<String>> first = world.atOnce(1, old).get(0);
        world.backend().take();
        gateway.redis().stop();
        held.countDown();

        assertUnavailable(first.join());
        // it exchanges a token once
        world.answers(401, "{\"error\":\"Invalid or expired refresh token\"}");
        gateway.redis().startAgain();
        // this Redis has kept nothing, not even that the token was claimed: who comes first is the backend's once more
        await().until(BackendAdoptionFaultsIT::isNothingPending);
        HttpResponse<String> again = await().until(() -> gateway.refresh(old), answer -> answer.statusCode() != 503);

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(again)).statusCode()).isEqualTo(200);
        assertThat(world.backend().waiting()).isZero();
    }

    @Test
    void aClaimThatIsNeverGivenBackIs503UntilItIsOver() {
        world.exchangesFor("\"sub\":\"usr_1\"");
        gateway.redis().command("HSET", AdoptionWorld.adoptionOf(old), "v", "1", "by", "somebody");

        assertUnavailable(gateway.refresh(old));
        assertThat(world.backend().waiting()).isZero();

        gateway.redis().command("PEXPIRE", AdoptionWorld.adoptionOf(old), "300");
        assertThat(gateway.refresh(old).statusCode()).isEqualTo(200);
    }

    @Test
    void whatWasCompletedAndNotRotatedIsAdoptedWithoutTheBackend() {
        world.exchangesFor("\"sub\":\"usr_1\",\"projectId\":\"prj_1\"");
        gateway.refresh(old);
        world.backend().take();
        gateway.redis()
                .command("KEYS", "*:session*")
                .lines()
                .forEach(key -> gateway.redis().command("DEL", key));

        HttpResponse<String> answer = gateway.refresh(old);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Tokens.claims(Tokens.accessToken(answer)).get("projectId").asString())
                .isEqualTo("prj_1");
        assertThat(world.backend().waiting()).isZero();
    }

    @Test
    void aClientThatHangsUpWhileTheBackendIsAskedFindsItsTokensLater() throws IOException {
        world.exchangesFor("\"sub\":\"usr_1\"");
        CountDownLatch held = world.backend().hold();
        sendAndHangUp();
        world.backend().take();

        held.countDown();
        awaitUndelivered();
        HttpResponse<String> again = gateway.refresh(old);

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(again)).statusCode()).isEqualTo(200);
        assertThat(world.backend().waiting()).isZero();
    }

    @Test
    void aClientThatComesBackWhileTheBackendIsStillAskedWaitsForTheSameAnswer() throws IOException {
        world.exchangesFor("\"sub\":\"usr_1\"");
        CountDownLatch held = world.backend().hold();
        sendAndHangUp();
        world.backend().take();

        CompletableFuture<HttpResponse<String>> again = world.atOnce(1, old).get(0);
        held.countDown();

        assertThat(again.join().statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(again.join())).statusCode())
                .isEqualTo(200);
        assertThat(world.backend().waiting()).isZero();
    }

    /** Waits until the only session's newest token is known not to have arrived. */
    private static void awaitUndelivered() {
        await().until(() -> {
            String subject = gateway.redis().command("KEYS", "portcullis:sessions:*");
            return !subject.isEmpty()
                    && StoredRecords.onlyOf(gateway.redis(), subject)
                            .get("lost")
                            .equals("1");
        });
    }

    /** Waits until the gateway has seen the connection end. */
    private void sendAndHangUp() throws IOException {
        String body = "{\"refreshToken\":\"" + old + "\"}";
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            client.getOutputStream()
                    .write(("POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
            await().until(() -> world.backend().waiting() == 1);
        }
        for (int i = 0; i < 10; i++) {
            gateway.get("/.well-known/portcullis/openapi.yaml");
        }
    }

    @Test
    void anAnswerThatIsLaterThanAClientWaitsIsThereWhenItComesBack() {
        TestGateway patient = world.replica("portcullis.adoption.timeout=20s");
        world.exchangesFor("\"sub\":\"usr_1\"");
        CountDownLatch held = world.backend().hold();

        assertUnavailable(patient.refresh(old));
        assertUnavailable(patient.refresh(old));
        held.countDown();
        awaitUndelivered();

        HttpResponse<String> again = patient.refresh(old);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(patient.refresh(Tokens.refreshToken(again)).statusCode()).isEqualTo(200);
        world.backend().take();
        assertThat(world.backend().waiting()).isZero();
    }

    @Test
    @SecurityLine(25)
    void whatRedisKeepsLetsNobodyInAndNamesNobody() throws IOException {
        gateway.redis().command("CONFIG", "SET", "rdbcompression", "no");
        String access =
                world.access("\"sub\":\"subject-of-it\",\"email\":\"ada@example.org\",\"projectId\":\"prj_17\"");
        world.answers(200, world.tokens(access));
        String header = Tokens.refreshToken(gateway.refresh(old)).split("\\.")[0];
        gateway.redis().command("SET", "canary", "ada@example.com");
        gateway.redis().command("SAVE");

        String dump = Files.readString(gateway.redis().directory().resolve("dump.rdb"), StandardCharsets.ISO_8859_1);

        assertThat(dump).contains(AdoptionWorld.adoptionOf(old), "ada@example.com");
        for (String secret : List.of("subject-of-it", "ada@example.org", "prj_17", "usr_1")) {
            assertThat(dump).doesNotContain(secret);
        }
        for (String token : List.of(old, access)) {
            assertThat(dump).doesNotContain(token.split("\\.")[1]).doesNotContain(token.split("\\.")[2]);
        }
        byte[] sealed =
                Base64.getUrlDecoder().decode(gateway.redis().command("HGET", AdoptionWorld.adoptionOf(old), "sealed"));
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain(header);
    }

    @Test
    void whoCanWriteToRedisMakesNoIdentities() {
        world.exchangesFor("\"sub\":\"usr_1\"");
        String adopted = world.oldToken();
        String ofTheGateway = Tokens.refreshToken(gateway.refresh(adopted));
        String ofAnother = gateway.redis().command("HGET", AdoptionWorld.adoptionOf(adopted), "sealed");
        BackendToken own = BackendToken.read(old, Instant.now(), Duration.ZERO);
        String claims = "{\"iss\":\"portcullis\",\"aud\":\"dashboard\",\"sub\":\"admin\",\"sid\":\""
                + own.hash().session("dashboard", "admin")
                + "\",\"gen\":0,\"iat\":1,\"exp\":9999999999,\"auth_time\":1,"
                + "\"access_header\":{\"alg\":\"HS256\"},\"access_claims\":{\"sub\":\"admin\"}}";
        String forged = ofTheGateway.split("\\.")[0]
                + '.'
                + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + '.'
                + ofTheGateway.split("\\.")[2];

        for (String sealed : List.of(own.seal(ofTheGateway), ofAnother, own.seal(forged), own.seal(claims), "?")) {
            gateway.redis().command("HSET", AdoptionWorld.adoptionOf(old), "v", "1", "by", "me", "sealed", sealed);

            assertThat(gateway.refresh(old).statusCode()).isEqualTo(401);
        }
    }
}
