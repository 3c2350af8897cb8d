package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.RawClient;
import io.portcullis.edge.RefreshShortcut.Ends;
import io.portcullis.operations.RoutedRequests;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.StaticApplicationContext;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Which requests are answered on the connection, and that nothing can go wrong there without an answer. */
class RefreshShortcutTest {
    private static final String PATH = "/api/auth/refresh";
    private static final String FAILED = "{\"error\":\"Internal server error\"}";
    private static final int BODY_LIMIT = 16;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private DisposableServer server;

    /** Of a shortcut whose endpoint can do nothing, and in front of a server that answers all with 299. */
    @BeforeEach
    void start() {
        RefreshShortcut shortcut = new RefreshShortcut(
                Map.of(
                        PATH,
                        new RoutedRequests(meters, "spring.cloud.gateway", "refresh", "no://op", "POST", Map.of())),
                BODY_LIMIT,
                null,
                null,
                new Ends(null, null, new CorsFilter(null, new StaticApplicationContext()), new ConnectionDrain()));
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> shortcut.addTo(routes)
                        .route(
                                any -> true,
                                (request, response) -> response.status(299).send()))
                .bindNow();
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private String answer(String head, String body) {
        return RawClient.send(server.port(), head.replace("|", "\r\n") + "\r\nConnection: close\r\n\r\n" + body);
    }

    @Test
    void aPlainRefreshIsTakenAndAFailureIsAnswered() {
        String answer = answer("POST /api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 2", "{}");

        assertThat(answer).startsWith("HTTP/1.1 500 ").contains("no-store").endsWith(FAILED);
        // it did not come as far as the endpoint
        assertThat(meters.getMeters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 2",
                "POST /api/auth/refresh?a=b HTTP/1.1|Host: a.example|Content-Length: 2",
                "POST /api/auth/refresh/ HTTP/1.1|Host: a.example|Content-Length: 2",
                "POST /api/auth/%72efresh HTTP/1.1|Host: a.example|Content-Length: 2",
                "POST http://a.example/api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 2",
                "POST /api/auth/refresh HTTP/1.0|Host: a.example|Content-Length: 2",
                "POST /api/auth/refresh HTTP/1.1|Content-Length: 2",
                "POST /api/auth/refresh HTTP/1.1|Host: [::g]|Content-Length: 2",
                "POST /api/auth/refresh HTTP/1.1|Host: a.example|Host: b.example|Content-Length: 2",
                "POST /api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 2|Upgrade: websocket",
                "POST /api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 2|Expect: something-else"
            })
    void whateverSpringMayHaveMoreToSayOfIsLeftToIt(String head) {
        assertThat(answer(head, "{}")).matches("(?s)HTTP/1.[01] 299 .*");
    }

    @Test
    void soIsABodyOfUnknownLengthOrOverTheLimit() {
        assertThat(answer(
                        "POST /api/auth/refresh HTTP/1.1|Host: a.example|Transfer-Encoding: chunked",
                        "2\r\n{}\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 299 ");
        assertThat(answer("POST /api/auth/refresh HTTP/1.1|Host: a.example|Content-Length: 17", " ".repeat(17)))
                .startsWith("HTTP/1.1 299 ");
        assertThat(answer("POST /api/auth/refresh HTTP/1.1|Host: a.example", ""))
                .startsWith("HTTP/1.1 299 ");
    }
}
