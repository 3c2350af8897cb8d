package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of every form that HTTP/1.1 knows reach the client as the backend sent them, and when it sent them. */
class AnswersIT {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n";

    private static DemoKeys keys;
    private static RawListener backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawListener.start();
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    /** A client and a backend between which a request has passed. */
    private record Exchange(RawConnection client, RawConnection backend, String request) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            // or the next request may be sent over it
            backend.closeTogether();
        }
    }

    private static Exchange asked(String method, String... headers) {
        RawConnection client = RawConnection.to(gateway.port())
                .write(method + " /thing HTTP/1.1\r\nHost: a.example\r\n"
                        + String.join(
                                "",
                                List.of(headers).stream()
                                        .map(header -> header + "\r\n")
                                        .toList()) + "\r\n");
        RawConnection accepted = backend.accept();
        return new Exchange(client, accepted, accepted.head());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/x-ndjson", "text/plain", "application/octet-stream"})
    void eachPieceArrivesWhenItWasSent(String type) {
        try (Exchange exchange = asked("GET", "Accept: " + type, "Last-Event-ID: 7")) {
            assertThat(exchange.request()).contains("Last-Event-ID: 7");
            exchange.backend().write(CHUNKED + "Content-Type: " + type + "\r\n\r\n");
            assertThat(exchange.client().head()).contains("Content-Type: " + type);
            for (int i = 0; i < 3; i++) {
                String event = "data: " + i + "\n\n";

                exchange.backend().write("9\r\n" + event + "\r\n");

                assertThat(exchange.client().text(14)).isEqualTo("9\r\n" + event + "\r\n");
            }
            exchange.backend().write("0\r\n\r\n");
            assertThat(exchange.client().text(5)).isEqualTo("0\r\n\r\n");
        }
    }

    @Test
    void anAnswerThatEndsWithTheConnectionArrivesWhole() {
        try (Exchange exchange = asked("GET", "Connection: close")) {
            exchange.backend().write(OK + "\r\nto the end").close();

            assertThat(exchange.client().rest()).contains("to the end");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HEAD | HTTP/1.1 200 OK | Content-Length: 1000",
                "HEAD | HTTP/1.1 404 Not Found | Content-Length: 7",
                "HEAD | HTTP/1.1 200 OK | Transfer-Encoding: chunked",
                "GET | HTTP/1.1 304 Not Modified | ETag: \"e\"",
                "DELETE | HTTP/1.1 204 No Content | X-One: 1",
                "OPTIONS | HTTP/1.1 204 No Content | Allow: GET",
                "POST | HTTP/1.1 205 Reset Content | Content-Length: 0",
                "GET | HTTP/1.1 200 OK | Content-Length: 0",
                "GET | HTTP/1.1 412 Precondition Failed | Content-Length: 0",
            })
    void anAnswerWithoutABodyIsOverAfterItsHead(String method, String status, String header) {
        try (Exchange exchange = asked(method, "If-None-Match: \"e\"", "Content-Length: 0")) {
            exchange.backend().write(status + "\r\n" + header + "\r\n\r\n");
            String head = exchange.client().head();
            exchange.client().write("GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
            exchange.backend().head();
            exchange.backend().write(OK + "Content-Length: 4\r\n\r\nnext");

            assertThat(head).startsWith(status);
            assertThat(head.toLowerCase(Locale.ROOT)).contains(header.toLowerCase(Locale.ROOT));
            assertThat(exchange.client().rest()).startsWith(OK).endsWith("\r\n\r\nnext");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/plain\r\nContent-Range: bytes 2-6/10\r\nAccept-Ranges: bytes\r\n",
                "Content-Type: multipart/byteranges; boundary=THIS\r\n",
                "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\nContent-Type: application/json\r\n",
                "Content-Encoding: br\r\nETag: \"e-br\"\r\n"
            })
    void aPartOrACompressedBodyIsNotTouched(String headers) {
        // not what the headers say: somebody who looked inside would fail
        String body = "\u001f\u008b\u0008\u0000\u00ff--THIS";
        try (Exchange exchange = asked("GET", "Range: bytes=2-6,8-", "If-Range: \"e\"", "Accept-Encoding: br, gzip")) {
            exchange.backend()
                    .write("HTTP/1.1 206 Partial Content\r\n" + headers + "Content-Length: " + body.length()
                            + "\r\n\r\n" + body);

            String head = exchange.client().head();
            assertThat(exchange.request())
                    .contains("Range: bytes=2-6,8-", "If-Range: \"e\"", "Accept-Encoding: br, gzip");
            assertThat(head).startsWith("HTTP/1.1 206 Partial Content").contains(headers.split("\r\n"));
            assertThat(exchange.client().text(body.length())).isEqualTo(body);
        }
    }

    @Test
    void interimAnswersDoNotStandInTheWayOfTheAnswer() {
        try (Exchange exchange = asked("GET")) {
            exchange.backend()
                    .write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
                            + "HTTP/1.1 102 Processing\r\n\r\n");
            exchange.backend()
                    .write("HTTP/1.1 103 Early Hints\r\nLink: </other.css>; rel=preload\r\n\r\n" + OK
                            + "Content-Length: 2\r\n\r\nok");

            assertThat(exchange.client().head()).startsWith(OK).doesNotContain("style.css");
            assertThat(exchange.client().text(2)).isEqualTo("ok");
        }
    }

    @Test
    void trailersOfAnAnswerArriveWhereTheyWereAnnounced() {
        try (Exchange exchange = asked("GET", "TE: trailers, deflate;q=0.5", "Connection: TE")) {
            exchange.backend()
                    .write(CHUNKED + "Trailer: Grpc-Status, X-Sum\r\n\r\n5\r\nhello\r\n0\r\n"
                            + "Grpc-Status: 0\r\nX-Sum: abc\r\nContent-Length: 7\r\n\r\n");

            assertThat(exchange.request().lines())
                    .anyMatch(line -> line.equalsIgnoreCase("TE: trailers"))
                    .anyMatch(line -> line.equalsIgnoreCase("Connection: TE"));
            assertThat(exchange.client().head()).contains("Trailer: Grpc-Status, X-Sum");
            assertThat(exchange.client().until("0\r\n")).isEqualTo("5\r\nhello\r\n0\r\n");
            assertThat(exchange.client().head().lines()).containsExactlyInAnyOrder("Grpc-Status: 0", "X-Sum: abc", "");
        }
    }

    @Test
    void trailersOfARequestDoNotArriveAndItsBodyDoes() {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write("POST /thing HTTP/1.1\r\nHost: a.example\r\nTrailer: X-Sum\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            assertThat(accepted.head().lines())
                    .noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("trailer:"));
            assertThat(accepted.until("0\r\n\r\n")).isEqualTo("5\r\nhello\r\n0\r\n\r\n");

            accepted.write("HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 204 ");
        }
    }

    @Test
    void headersOfTheHopStayOnTheHop() {
        try (Exchange exchange = asked(
                "GET",
                "Connection: X-Hop, keep-alive",
                "X-Hop: 1",
                "Keep-Alive: timeout=5",
                "TE: gzip",
                "Proxy-Authorization: Basic YTpi",
                "Proxy-Connection: keep-alive",
                "X-End: 1")) {
            exchange.backend()
                    .write(OK + "Connection: X-Hop-Back\r\nX-Hop-Back: 1\r\nKeep-Alive: timeout=5\r\nX-End-Back: 1\r\n"
                            + "Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
            String head = exchange.client().head();

            assertThat(exchange.request().lines())
                    .contains("X-End: 1")
                    .noneMatch(line -> line.matches("(?i)(connection|x-hop|keep-alive|te|proxy-.*):.*"));
            assertThat(head.lines())
                    .contains("X-End-Back: 1")
                    .noneMatch(line -> line.matches("(?i)(x-hop-back|keep-alive|proxy-.*):.*"));
        }
    }

    @Test
    void cookiesAndRepeatedHeadersPassAsTheyAreAndInTheirOrder() {
        String cookies = "a=\"x y\"; b={\"k\":[1,2]}; c=a=b==; d=%20\u00e9; __Host-e=; f";
        try (Exchange exchange = asked("GET", "Cookie: " + cookies, "X-A: 1", "X-B: 1", "X-A: 2, 3", "X-A: ")) {
            exchange.backend()
                    .write(OK + "Set-Cookie: a=\"1 2\"; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n"
                            + "Set-Cookie: b={\"k\":[1,2]}; SameSite=None; Secure; Partitioned\r\nset-cookie: a=2\r\n"
                            + "Link: <1>\r\nLink: <2>, <3>\r\nContent-Length: 0\r\n\r\n");

            assertThat(exchange.request().lines())
                    .contains("Cookie: " + cookies)
                    .containsSubsequence("X-A: 1", "X-A: 2, 3", "X-A: ");
            assertThat(exchange.client().head().lines())
                    .containsSubsequence(
                            "Set-Cookie: a=\"1 2\"; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
                            "Set-Cookie: b={\"k\":[1,2]}; SameSite=None; Secure; Partitioned")
                    .anyMatch(line -> line.equalsIgnoreCase("Set-Cookie: a=2"))
                    .containsSubsequence("Link: <1>", "Link: <2>, <3>");
        }
    }

    @Test
    @SecurityLine(30)
    void largeHeadersPassUpToTheirLimit() {
        String large = "x".repeat(30_000);
        try (Exchange exchange = asked("GET", "X-Large: " + large)) {
            exchange.backend().write(OK + "X-Large: " + large + large + "\r\nContent-Length: 0\r\n\r\n");

            assertThat(exchange.request()).contains("\r\nX-Large: " + large + "\r\n");
            assertThat(exchange.client().head()).contains("\r\nX-Large: " + large + large + "\r\n");
        }
        try (RawConnection client = RawConnection.to(gateway.port())
                .write("GET / HTTP/1.1\r\nHost: a.example\r\nX-Large: " + large + large + "\r\n\r\n")) {
            assertThat(client.head()).startsWith("HTTP/1.1 431 ");
        }
        try (RawConnection client =
                RawConnection.to(gateway.port()).write("GET /" + large + " HTTP/1.1\r\nHost: a.example\r\n\r\n")) {
            assertThat(client.head()).startsWith("HTTP/1.1 414 ");
        }
    }

    @Test
    void anAnswerBeforeTheUploadIsOverReachesTheClient() {
        try (Exchange exchange = asked("POST", "Content-Length: 1000000000")) {
            exchange.client().write("x".repeat(100_000));
            exchange.backend()
                    .write("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge");

            // closed at once, with bytes that it has not read, the kernel would reset it, and the answer might be lost
            assertThat(exchange.client().head()).startsWith("HTTP/1.1 413 ");
            assertThat(exchange.client().text(5)).isEqualTo("large");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "HTTP/1.1 abc Nonsense\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX(: 1\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok"
            })
    void anAnswerThatIsNoHttpIsABadGateway(String nonsense) {
        try (Exchange exchange = asked("GET", "Connection: close")) {
            exchange.backend().write(nonsense);

            assertThat(exchange.client().rest())
                    .startsWith("HTTP/1.1 502 ")
                    .endsWith("\r\n\r\n{\"error\":\"The service cannot be reached\"}");
            assertThat(exchange.backend().endsSoon()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10\r\n", "Content-Type: application/json\r\nContent-Length: 10\r\n"})
    void ofAnAnswerThatBreaksOffBeforeItsBodyNothingIsKept(String headers) {
        try (Exchange exchange = asked("GET", "Connection: close")) {
            exchange.backend()
                    .write(OK + headers + "ETag: \"e\"\r\nSet-Cookie: a=1\r\nX-A: 1\r\n"
                            + "Content-Encoding: gzip\r\nLocation: /x?token=secret\r\n\r\n")
                    .close();

            assertThat(exchange.client().rest())
                    .startsWith("HTTP/1.1 502 ")
                    .doesNotContainIgnoringCase("etag", "cookie", "x-a", "gzip", "secret")
                    .endsWith("\r\n\r\n{\"error\":\"The service cannot be reached\"}");
        }
    }
}
