package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of a gateway whose Redis goes away and comes back, while nobody refreshes. */
class ReadinessIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private GatewayFixture<DemoBackend> world;
    private TestGateway gateway;

    @BeforeEach
    void start() {
        world = GatewayFixture.beforeDemo();
        gateway = world.gateway();
        awaitRefreshIs("UP", 1);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private HttpResponse<String> health(String group) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health" + group);
        return gateway.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private void awaitRefreshIs(String status, double available) {
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(health("/refresh").body()).isEqualTo("{\"status\":\"" + status + "\"}"));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(gateway.bean(MeterRegistry.class)
                                .get("portcullis.store.available")
                                .gauge()
                                .value())
                        .isEqualTo(available));
    }

    private void assertStaysInThePool() {
        assertThat(health("/readiness").statusCode()).isEqualTo(200);
        assertThat(health("/liveness").statusCode()).isEqualTo(200);
        assertThat(gateway.get("/api/me").statusCode()).isEqualTo(401);
    }

    @Test
    void aGatewayWithoutRedisStaysInThePoolAndSaysThatRefreshIsDown() {
        gateway.redis().stop();

        awaitRefreshIs("DOWN", 0);
        assertThat(health("/refresh").statusCode()).isEqualTo(503);
        assertThat(health("").statusCode()).isEqualTo(503);
        assertStaysInThePool();

        gateway.redis().startAgain();
        awaitRefreshIs("UP", 1);
        assertThat(health("").statusCode()).isEqualTo(200);
    }

    @Test
    void aGatewayWhoseRedisIsFrozenDoesTheSame() {
        gateway.redis().pause();

        awaitRefreshIs("DOWN", 0);
        assertStaysInThePool();

        gateway.redis().resume();
        awaitRefreshIs("UP", 1);
    }

    @Test
    void aGatewayThatStartsWithoutRedisIsReadyAndForwards() {
        gateway.redis().stop();

        try (TestGateway late = gateway.replica(world.backend().uri())) {
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(statusOf(late, "/readiness")).isEqualTo(200));
            assertThat(statusOf(late, "/liveness")).isEqualTo(200);
            assertThat(statusOf(late, "/refresh")).isEqualTo(503);
            assertThat(late.get("/api/me").statusCode()).isEqualTo(401);
        }
    }

    private static int statusOf(TestGateway one, String group) {
        URI uri = URI.create("http://127.0.0.1:" + one.managementPort() + "/actuator/health" + group);
        return one.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .statusCode();
    }
}
