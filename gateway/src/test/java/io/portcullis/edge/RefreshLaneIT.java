package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A refresh passes the routing by, unless the routes have something to say about it. */
class RefreshLaneIT {
    private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[0].";
    private static final List<String> WITH_A_FILTER = List.of(
            ROUTE + "id=refresh",
            ROUTE + "uri=no://op",
            ROUTE + "predicates[0]=Path=/api/auth/refresh",
            ROUTE + "filters[0].name=RequestSize",
            ROUTE + "filters[0].args.maxSize=1B",
            ROUTE + "filters[1]=RotateRefreshToken");

    private DemoKeys keys;
    private RawBackend backend;

    @BeforeEach
    void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
    }

    @AfterEach
    void stop() {
        backend.close();
        keys.close();
    }

    private static long routed(TestGateway gateway) {
        return gateway
                .bean(MeterRegistry.class)
                .find("spring.cloud.gateway.requests")
                .tag("routeId", "refresh")
                .timers()
                .stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    @Test
    void bothWaysAreCounted() {
        try (TestGateway gateway = TestGateway.start(keys, backend.uri())) {
            HttpResponse<String> refused = gateway.refresh("no token");
            HttpResponse<String> other = gateway.get("/api/auth/refresh");

            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(other.statusCode()).isEqualTo(405);
            await().untilAsserted(() -> assertThat(routed(gateway)).isEqualTo(2));
        }
    }

    /** One refresh is answered on the connection, the other by way of Spring. */
    @Test
    void itIsCountedAlikeWhicheverWayItTakes() {
        try (TestGateway gateway = TestGateway.start(keys, backend.uri())) {
            assertThat(gateway.refresh("no token").statusCode()).isEqualTo(401);
            assertThat(gateway.post("/api/auth/refresh?a=b", "{\"refreshToken\":\"no token\"}")
                            .statusCode())
                    .isEqualTo(401);

            await().untilAsserted(() -> assertThat(gateway.bean(MeterRegistry.class)
                            .find("spring.cloud.gateway.requests")
                            .timers())
                    .singleElement()
                    .satisfies(timer -> assertThat(timer.count()).isEqualTo(2))
                    .satisfies(
                            timer -> assertThat(timer.getId().getTag("status")).isEqualTo("UNAUTHORIZED")));
        }
    }

    @Test
    void aRouteWithAFilterOfItsOwnKeepsIt() {
        try (TestGateway gateway = TestGateway.start(keys, backend.uri(), WITH_A_FILTER.toArray(String[]::new))) {
            String refused = RawClient.send(
                    gateway.port(),
                    "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");

            assertThat(refused).startsWith("HTTP/1.1 413 ");
            await().untilAsserted(() -> assertThat(routed(gateway)).isEqualTo(1));
        }
    }
}
