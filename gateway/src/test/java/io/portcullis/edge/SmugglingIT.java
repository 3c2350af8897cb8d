package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests whose end two servers could see in different places (RFC 9112, 11.2) are refused and end their connection; none
 * of them, and nothing behind them, reaches a backend.
 */
class SmugglingIT {
    private static final String BEHIND = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n";

    private static final String BODY_IN_DOUBT = "/body-in-doubt";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @AfterEach
    void forget() {
        seen();
    }

    private static List<String> seen() {
        List<String> lines = new ArrayList<>();
        while (backend.waiting() > 0) {
            lines.add(backend.take().line());
        }
        return lines;
    }

    /** The next request but for those whose body broke off, which are seen when their connection has ended. */
    private static Request next() {
        Request request = backend.take();
        while (request.line().contains(BODY_IN_DOUBT)) {
            request = backend.take();
        }
        return request;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n",
                "Transfer-Encoding: chunked\nContent-Length: 4\n\n0\n\n",
                "Content-Length: 4\nContent-Length: 5\n\nabcd",
                "Content-Length: 4, 5\n\nabcd",
                "Content-Length: +4\n\nabcd",
                "Content-Length: -4\n\nabcd",
                "Content-Length: 4 4\n\nabcd",
                "Content-Length: 0x4\n\nabcd",
                "Content-Length: 99999999999999999999\n\nabcd",
                "Transfer-Encoding: xchunked\n\n0\n\n",
                "Transfer-Encoding: chunked, identity\n\n0\n\n",
                "Transfer-Encoding: identity\n\n0\n\n",
                "Transfer-Encoding: chunked\nTransfer-Encoding: x\n\n0\n\n",
                "Transfer-Encoding: \u000bchunked\n\n0\n\n",
                "Transfer-Encoding : chunked\n\n0\n\n",
                "Content-Length : 4\n\nabcd",
                "X: 1\r\rTransfer-Encoding: chunked\n\n0\n\n",
                "X: a\u0000b\n\n",
                "X\u0000: b\n\n",
                " X: 1\n\n",
                "NoColon\n\n",
                ": empty\n\n",
                "Host: b.example\n\n",
                "Host: a.example\n\n"
            })
    @SecurityLine(37)
    void aRequestWhoseEndIsInDoubtIsRefused(String rest) {
        String answers = RawClient.send(
                gateway.port(),
                "POST /doubtful HTTP/1.1\r\nHost: a.example\r\n" + rest.replace("\n", "\r\n") + BEHIND + BEHIND);

        assertThat(answers).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        assertThat(seen()).allMatch(line -> line.contains(BODY_IN_DOUBT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /doubtful HTTP/1.1\nHost: a.example\r\nContent-Length: 0\r\n\r\n",
                "POST /doubtful HTTP/1.1\r\nHost: a.example\nContent-Length: 0\r\n\r\n",
                "POST /doubtful HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\n",
                "POST /doubtful HTTP/1.1\r\nHost: a.example\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
                "POST /doubtful HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                "POST /a b HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "POST /doubtful HTTP/1.1 \r\nHost: a.example\r\n\r\n",
                "POST /doubtful HTTP/2.0\r\nHost: a.example\r\n\r\n",
                "POST /doubtful\r\nHost: a.example\r\n\r\n"
            })
    @SecurityLine(37)
    void aRequestThatIsNotWrittenByTheBookIsRefused(String request) {
        String answers = RawClient.send(gateway.port(), request + BEHIND + BEHIND);

        assertThat(answers).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        assertThat(seen()).allMatch(line -> line.contains(BODY_IN_DOUBT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\nabcd\n0\n\n",
                "-1\nabcd\n0\n\n",
                "4 4\nabcd\n0\n\n",
                "0x4\nabcd\n0\n\n",
                "100000004\nabcd\n0\n\n",
                "4\nabcdXX0\n\n",
                "4;a=\u0000\nabcd\n0\n\n"
            })
    @SecurityLine(37)
    void aBodyWhoseEndIsInDoubtEndsBothConnections(String chunks) {
        String answers = RawClient.send(
                gateway.port(),
                "POST " + BODY_IN_DOUBT + " HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + chunks.replace("\n", "\r\n") + BEHIND + BEHIND);
        gateway.get("/after");

        assertThat(answers).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        // its head may have been forwarded; what came behind it was not, nor did anything follow on that connection
        assertThat(seen()).doesNotContain("GET /smuggled HTTP/1.1").contains("GET /after HTTP/1.1");
    }

    @Test
    @SecurityLine(37)
    void chunksThatEndWithABareLineFeedAreNoEndOfABody() {
        String answers = RawClient.send(
                gateway.port(),
                "POST " + BODY_IN_DOUBT
                        + " HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n4\nabcd\n0\n\n" + BEHIND
                        + BEHIND);
        gateway.get("/after");

        assertThat(answers).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        assertThat(seen()).doesNotContain("GET /smuggled HTTP/1.1").contains("GET /after HTTP/1.1");
    }

    @Test
    void aFoldedLineArrivesAsOne() {
        RawClient.send(
                gateway.port(),
                "GET /folded HTTP/1.1\r\nHost: a.example\r\nX: 1\r\n Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");

        Request request = next();
        assertThat(request.header("X")).isEqualTo("1 Transfer-Encoding: chunked");
        assertThat(request.headers("Transfer-Encoding")).isEmpty();
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() {
        try (RawConnection client = RawConnection.to(gateway.port())
                .write("POST /1 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nabcd"
                        + "POST /2 HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
                        + "GET /3 HTTP/1.1\r\nHost: a.example\r\n\r\n")) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.head()).startsWith("HTTP/1.1 200 OK");
                assertThat(client.text(2)).isEqualTo("ok");
            }
        }
        assertThat(seen())
                .filteredOn(line -> !line.contains(BODY_IN_DOUBT))
                .containsExactly("POST /1 HTTP/1.1", "POST /2 HTTP/1.1", "GET /3 HTTP/1.1");
    }
}
