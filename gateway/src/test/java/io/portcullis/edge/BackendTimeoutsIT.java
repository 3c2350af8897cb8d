package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spring Cloud Gateway's time-outs of answers: for all routes, and a route's own. */
class BackendTimeoutsIT {
    private static final String ROUTE = "spring.cloud.gateway.server.webflux.routes[%d].%s";

    private static DemoKeys keys;
    private static RawListener backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawListener.start();
        List<String> properties = new ArrayList<>();
        properties.add("spring.cloud.gateway.server.webflux.httpclient.response-timeout=400ms");
        route(properties, 0, "refresh", "/api/auth/refresh", null);
        route(properties, 1, "own", "/own", "300");
        route(properties, 2, "none", "/none", "-1");
        route(properties, 3, "all", "/**", null);
        gateway = TestGateway.start(keys, backend.uri(), properties.toArray(String[]::new));
    }

    private static void route(List<String> properties, int index, String id, String path, @Nullable String timeout) {
        boolean isRefresh = id.equals("refresh");
        properties.add(ROUTE.formatted(index, "id=" + id));
        properties.add(ROUTE.formatted(index, "uri=" + (isRefresh ? "no://op" : backend.uri())));
        properties.add(ROUTE.formatted(index, "predicates[0]=Path=" + path));
        properties.add(
                ROUTE.formatted(index, "filters[0]=" + (isRefresh ? "RotateRefreshToken" : "PreserveHostHeader")));
        if (timeout != null) {
            properties.add(ROUTE.formatted(index, "metadata.response-timeout=" + timeout));
        }
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/own", "/any"})
    void backendThatIsTooSlowIsA504(String path) {
        try (RawConnection client = ask(path);
                RawConnection accepted = backend.accept()) {
            accepted.head();

            assertThat(client.head()).startsWith("HTTP/1.1 504 ").contains("Content-Type: application/json");
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void routeMayTakeAsLongAsItLikes() throws InterruptedException {
        try (RawConnection client = ask("/none");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            // longer than what goes for all routes
            Thread.sleep(800);
            accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");

            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
            assertThat(client.text(4)).isEqualTo("late");
        }
    }

    private static RawConnection ask(String path) {
        return RawConnection.to(gateway.port()).write("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
    }
}
