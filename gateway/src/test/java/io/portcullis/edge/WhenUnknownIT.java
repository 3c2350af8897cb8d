package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import io.portcullis.session.RevokedSessions;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A replica that does not know what was revoked, because Redis is out of its reach. */
class WhenUnknownIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway refusing;
    private static TestGateway forwarding;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        refusing = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.revocation.when-unknown=refuse",
                "portcullis.revocation.unknown-after=10s");
        forwarding = TestGateway.start(keys, backend.uri(), "portcullis.revocation.unknown-after=10s");
    }

    @AfterAll
    static void stop() {
        refusing.close();
        forwarding.close();
        backend.close();
        keys.close();
    }

    private static HttpResponse<String> call(TestGateway gateway, String token) {
        return gateway.get("/thing", "Authorization", "Bearer " + token);
    }

    private static int liveness(TestGateway gateway) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/liveness");
        return gateway.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .statusCode();
    }

    private static boolean isComplete(TestGateway gateway) {
        return gateway.bean(RevokedSessions.class).isComplete(Instant.now(), Duration.ofSeconds(10));
    }

    @Test
    void tokensThatNameASessionAreRefusedOrForwardedAsConfiguredAndOthersAlwaysForwarded() {
        Login refused = Login.at(refusing, backend, "/api/auth/login", "usr_1");
        Login forwarded = Login.at(forwarding, backend, "/api/auth/login", "usr_1");
        assertThat(call(refusing, refused.accessToken()).statusCode()).isEqualTo(200);
        refusing.redis().stop();
        forwarding.redis().stop();
        await().atMost(Duration.ofMinutes(1)).until(() -> !isComplete(refusing) && !isComplete(forwarding));

        HttpResponse<String> answer = call(refusing, refused.accessToken());

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"error\":");
        assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 3L);
        assertThat(refusing.get("/thing").statusCode()).isEqualTo(200);
        assertThat(refusing.get("/thing", "Authorization", "Bearer a.b.c").statusCode())
                .isEqualTo(200);
        assertThat(call(forwarding, forwarded.accessToken()).statusCode()).isEqualTo(200);
        assertThat(liveness(refusing)).isEqualTo(200);

        refusing.redis().startAgain();

        await().atMost(Duration.ofMinutes(1))
                .until(() -> call(refusing, refused.accessToken()).statusCode() == 200);
    }
}
