package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One backend that works, beside others that are dead, slow or busy: these cost their own routes, and nobody else notices. */
class IsolateBackendIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    private static final int LIMIT_MS = 1_000;
    private static final int LONGER_MS = 1_500;
    private static final List<String> ROUTES = List.of("dead", "silent", "failing", "narrow", "timed", "left");

    private static DemoKeys keys;
    private static DemoBackend healthy;
    private static RawListener backend;
    private static int deadPort;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        healthy = DemoBackend.start(keys.accessTokenKey());
        backend = RawListener.start();
        try (RawListener dead = RawListener.start()) {
            deadPort = dead.port();
        }
        List<String> properties = new ArrayList<>(List.of("portcullis.cors.allowed-origins=https://app.example"));
        for (String name : ROUTES) {
            String uri = name.equals("dead") ? "http://127.0.0.1:" + deadPort : backend.uri();
            String filter = name.equals("failing") ? "IsolateBackend=failing,503" : "IsolateBackend";
            route(properties, name, uri, "/" + name + "/**", filter);
        }
        route(properties, "refresh", "no://op", "/api/auth/refresh", "RotateRefreshToken");
        route(properties, "login", healthy.uri(), "/api/auth/login", "OpenSession=dashboard");
        route(properties, "everything-else", healthy.uri(), "/**", "PreserveHostHeader");
        for (String name : List.of("dead", "silent", "failing", "left")) {
            String breaker = "resilience4j.circuitbreaker.instances." + name + ".";
            properties.add(breaker + "sliding-window-size=4");
            properties.add(breaker + "minimum-number-of-calls=4");
            properties.add(breaker + "permitted-number-of-calls-in-half-open-state=2");
            properties.add(breaker + "wait-duration-in-open-state=" + (name.equals("dead") ? "500ms" : "5s"));
        }
        properties.add("resilience4j.timelimiter.instances.silent.timeout-duration=300ms");
        properties.add("resilience4j.timelimiter.instances.timed.timeout-duration=" + LIMIT_MS + "ms");
        properties.add("resilience4j.bulkhead.instances.narrow.max-concurrent-calls=1");
        gateway = TestGateway.start(keys, healthy.uri(), properties.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        healthy.close();
        keys.close();
    }

    private static void route(List<String> properties, String id, String uri, String path, String filter) {
        long index = properties.stream()
                .filter(property -> property.contains(".id="))
                .count();
        String route = "spring.cloud.gateway.server.webflux.routes[" + index + "].";
        properties.addAll(List.of(
                route + "id=" + id,
                route + "uri=" + uri,
                route + "predicates[0]=Path=" + path,
                route + "filters[0]=" + filter));
    }

    private static RawConnection ask(String path) {
        return RawConnection.to(gateway.port())
                .write("GET " + path + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    }

    private static CircuitBreaker breaker(String name) {
        return gateway.bean(CircuitBreakerRegistry.class).circuitBreaker(name);
    }

    private static void assertHeldBack(HttpResponse<String> answer, int retryAfter) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Service temporarily unavailable, please try again\"}");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue(String.valueOf(retryAfter));
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://app.example");
    }

    private static HttpResponse<String> get(String path) {
        HttpRequest request =
                gateway.request(path).header("Origin", "https://app.example").build();
        return gateway.send(request, BodyHandlers.ofString());
    }

    @Test
    void aDeadBackendCostsItsOwnRouteUntilItIsBack() {
        String token = Tokens.refreshToken(gateway.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
        for (int i = 0; i < 4; i++) {
            assertThat(get("/dead/x").statusCode()).isEqualTo(502);
        }

        assertHeldBack(get("/dead/x"), 1);
        assertThat(get("/").statusCode()).isNotIn(502, 503, 504);
        assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);

        try (RawListener back = RawListener.startAt(deadPort)) {
            Thread serving = new Thread(() -> serve(back), "backend-that-is-back");
            serving.start();
            await().atMost(Duration.ofSeconds(15)).until(() -> get("/dead/x").statusCode() == 200);
            await().atMost(Duration.ofSeconds(15)).until(() -> {
                get("/dead/x");
                return breaker("dead").getState() == CircuitBreaker.State.CLOSED;
            });
        }
    }

    /** Answers everybody until it is closed. */
    private static void serve(RawListener listener) {
        try {
            while (true) {
                try (RawConnection connection = listener.accept()) {
                    connection.head();
                    connection.write(OK);
                }
            }
        } catch (UncheckedIOException e) {
            // closed
        }
    }

    @Test
    void aSilentBackendIsLateAndThenHeldBack() {
        for (int i = 0; i < 4; i++) {
            try (RawConnection client = ask("/silent/x");
                    RawConnection accepted = backend.accept()) {
                accepted.head();

                assertThat(client.rest())
                        .startsWith("HTTP/1.1 504 ")
                        .endsWith("{\"error\":\"The service did not answer in time\"}");
                assertThat(accepted.endsSoon()).isTrue();
            }
        }

        assertHeldBack(get("/silent/x"), 5);
    }

    @Test
    void anAnswerThatCountsAsAFailurePassesAllTheSame() {
        for (int i = 0; i < 4; i++) {
            try (RawConnection client = ask("/failing/x");
                    RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write("HTTP/1.1 503 No\r\nX-Own: yes\r\nContent-Length: 3\r\nConnection: close\r\n\r\nown");

                assertThat(client.rest())
                        .startsWith("HTTP/1.1 503 ")
                        .contains("X-Own: yes")
                        .endsWith("own");
            }
        }

        assertHeldBack(get("/failing/x"), 5);
    }

    @Test
    void aClientThatLeavesOrAnErrorOfTheBackendIsNoFailure() {
        for (int i = 0; i < 6; i++) {
            try (RawConnection accepted = leaveInTheMiddleOfAnUpload()) {
                assertThat(accepted.endsSoon()).isTrue();
            }
            try (RawConnection client = ask("/left/x");
                    RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 500 ");
            }
        }

        assertThat(breaker("left").getMetrics().getNumberOfFailedCalls()).isZero();
        assertThat(breaker("left").getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    private static RawConnection leaveInTheMiddleOfAnUpload() {
        try (RawConnection client = RawConnection.to(gateway.port())
                .write("POST /left/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nbegin")) {
            RawConnection accepted = backend.accept();
            accepted.until("begin");
            client.reset();
            return accepted;
        }
    }

    @Test
    void onlyRequestsThatWaitForAHeadTakeAPlaceInTheBulkhead() {
        try (RawConnection first = ask("/narrow/1");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            assertHeldBack(get("/narrow/2"), 1);

            accepted.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
            first.until("data: 1\n\n");
            try (RawConnection third = ask("/narrow/3");
                    RawConnection other = backend.accept()) {
                other.head();
                other.write(OK);

                assertThat(third.rest()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
        }
    }

    @Test
    void aTimeLimitCutsNeitherAnUploadNorAnAnswerThatHasBegun() {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write("POST /timed/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\n\r\none");
                RawConnection accepted = backend.accept()) {
            accepted.until("one");
            assertThat(backend.isLeftAloneFor(LONGER_MS)).isTrue();
            client.write("two");
            accepted.until("two");
            accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none");
            client.until("one");
            assertThat(backend.isLeftAloneFor(LONGER_MS)).isTrue();
            accepted.write("two");

            assertThat(client.text(3)).isEqualTo("two");
        }
    }

    @Test
    void aTimeLimitCutsNoWebSocket() {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write("GET /timed/socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
                                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            assertThat(backend.isLeftAloneFor(LONGER_MS)).isTrue();
            accepted.write("frame");

            assertThat(client.text(5)).isEqualTo("frame");
        }
    }

    @Test
    void anUploadThatHasArrivedIsAnsweredInTimeOrLate() {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write("POST /timed/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n"
                                + "Content-Length: 3\r\n\r\nall");
                RawConnection accepted = backend.accept()) {
            accepted.until("all");

            assertThat(client.rest()).startsWith("HTTP/1.1 504 ");
        }
    }

    @Test
    void whatIsHeldBackIsMeasuredByTheNamesOfTheConfiguration() {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus"))
                .build();
        String meters = gateway.send(request, BodyHandlers.ofString()).body();

        assertThat(meters)
                .containsPattern("resilience4j_circuitbreaker_state\\{[^}]*name=\"dead\"")
                .containsPattern("resilience4j_timelimiter_calls_total\\{[^}]*name=\"timed\"")
                .containsPattern("resilience4j_bulkhead_available_concurrent_calls\\{[^}]*name=\"narrow\"")
                .doesNotContain("name=\"everything-else\"");
    }
}
