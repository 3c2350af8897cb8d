package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that is not the gateway's business reaches the backend as it was sent, and the answer the client. */
class ForwardIT {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a/b?x=1&x=2&y",
                "/a%20b/%E2%82%AC?q=a%20b+c%2Bd&%F0%9F%98%80=1",
                "/a%2Fb/c%3Fd?e=%26%3D",
                "/a;v=1/b;w?x=;y",
                "/A/../b/./c",
                "/files/.hidden/x.tar.gz~",
                "/sub!$&'()*+,=:@-._~?!$&'()*+,;=:@/?-._~",
                "/api/auth/refresh-tokens",
                "/api/auth/refresh/now",
                "/?url=http://x/api/auth/refresh",
                "/socket.io/?EIO=4&transport=polling&t=abc",
                "/q?a=%7B%22b%22:%5B1%5D%7D",
                "/a//b///c",
                "//x/y//",
                "/a//b?c=//d",
                "/q?a=1&b=2&a=3",
                "/q?",
                "/?",
                "/q??",
                "/q?&&a=1",
                "/q?a=1&",
                "/q?=x&a",
                "/q?a&a=&a",
                "/a//b?&a=1&b&a=2&"
            })
    void theTargetArrivesAsItWasSent(String target) {
        RawClient.send(gateway.port(), "GET " + target + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

        assertThat(backend.take().line()).isEqualTo("GET " + target + " HTTP/1.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY"})
    void theMethodAndTheBodyArriveAsTheyWereSent(String method) {
        String body = "{\"a\": 1.50,\r\n\u00e9 }";

        RawClient.send(
                gateway.port(),
                method + " /thing HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\nConnection: close\r\n\r\n" + body);

        Request request = backend.take();
        assertThat(request.line()).isEqualTo(method + " /thing HTTP/1.1");
        assertThat(request.body()).isEqualTo(body);
        assertThat(request.header("Content-Length")).isEqualTo(Integer.toString(body.length()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '~',
            value = {
                "/q?filter={\"a\":1} /q?filter=%7B%22a%22:1%7D",
                "/q?a=b|c^d`e /q?a=b%7Cc%5Ed%60e",
                "/100%?a=5%&b=%zz /100%25?a=5%25&b=%25zz",
                "/a[1]%20?b[]=1%20 /a%5B1%5D%20?b%5B%5D=1%20",
                "/\u00c3\u00bc?x=\u00c3\u00bc%20 /%C3%BC?x=%C3%BC%20",
                "/a<b>?<> /a%3Cb%3E?%3C%3E"
            })
    void aTargetThatIsNoUriArrivesEncoded(String sent, String arrived) {
        RawClient.send(gateway.port(), "GET " + sent + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

        assertThat(backend.take().line()).isEqualTo("GET " + arrived + " HTTP/1.1");
    }

    @Test
    void headersArriveAsTheyWereSent() {
        RawClient.send(
                gateway.port(),
                "GET /thing HTTP/1.1\r\nHost: shop.example:8443\r\nX-Many: one\r\nX-Many: two\r\nx-Case: Mixed  Case\r\n"
                        + "Accept-Encoding: gzip;q=0.5, br\r\nCookie: a=1; b=2\r\nAuthorization: Bearer abc\r\n"
                        + "X-API-Key: key\r\nUser-Agent: raw\r\nIf-None-Match: \"e\"\r\nRange: bytes=0-4\r\n"
                        + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nConnection: close\r\n\r\n");

        Request request = backend.take();
        assertThat(request.header("Host")).isEqualTo("shop.example:8443");
        assertThat(request.headers("X-Many")).containsExactly("one", "two");
        assertThat(request.header("x-Case")).isEqualTo("Mixed  Case");
        assertThat(request.header("Accept-Encoding")).isEqualTo("gzip;q=0.5, br");
        assertThat(request.header("Cookie")).isEqualTo("a=1; b=2");
        assertThat(request.header("Authorization")).isEqualTo("Bearer abc");
        assertThat(request.header("X-API-Key")).isEqualTo("key");
        assertThat(request.header("User-Agent")).isEqualTo("raw");
        assertThat(request.header("If-None-Match")).isEqualTo("\"e\"");
        assertThat(request.header("Range")).isEqualTo("bytes=0-4");
        assertThat(request.header("traceparent")).isEqualTo("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    @Test
    void noHeaderArrivesThatWasNotSent() {
        RawClient.send(
                gateway.port(), "GET /thing HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nConnection: close\r\n\r\n");

        assertThat(backend.take().headers())
                .extracting(header -> header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT))
                .containsExactlyInAnyOrder(
                        "host",
                        "x-one",
                        "x-forwarded-for",
                        "x-forwarded-host",
                        "x-forwarded-proto",
                        "x-forwarded-port");
    }

    @Test
    void aWebSocketUpgradeArrivesAsItWasSent() {
        RawClient.send(
                gateway.port(),
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n"
                        + "Connection: Upgrade, close\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Version: 13\r\nOrigin: http://b.example\r\n\r\n");

        Request request = backend.take();
        assertThat(request.line()).isEqualTo("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1");
        assertThat(request.header("Upgrade")).isEqualToIgnoringCase("websocket");
        assertThat(request.header("Host")).isEqualTo("a.example");
        assertThat(request.header("Origin")).isEqualTo("http://b.example");
        assertThat(request.headers("User-Agent")).isEmpty();
        assertThat(request.headers("Accept")).isEmpty();
        assertThat(request.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
    }

    @Test
    void theAnswerArrivesAsItWasSent() {
        backend.answerWith(
                "HTTP/1.1 418 Short And Stout\r\nContent-Type: application/json\r\nX-Many: one\r\nX-Many: two\r\n"
                        + "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nETag: W/\"e\"\r\nServer: backend\r\n"
                        + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\u0001\u0002\u0003\u0004\u00ff");
        try {
            String answer = RawClient.send(
                    gateway.port(), "GET /thing HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

            backend.take();
            assertThat(answer).startsWith("HTTP/1.1 418 ");
            assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).isEqualTo("\u0001\u0002\u0003\u0004\u00ff");
            assertThat(answer.lines())
                    .contains(
                            "Content-Type: application/json",
                            "X-Many: one",
                            "X-Many: two",
                            "Set-Cookie: a=1; Path=/",
                            "Set-Cookie: b=2",
                            "ETag: W/\"e\"",
                            "Server: backend",
                            "Content-Encoding: gzip",
                            "Content-Length: 5");
        } finally {
            backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }

    @Test
    void aChunkedUploadArrivesWhole() {
        RawClient.send(
                gateway.port(),
                "POST /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");

        assertThat(backend.take().body()).isEqualTo("hello world");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//api/auth/refresh",
                "/api/auth/refresh/",
                "/api/auth//refresh",
                "/api/auth/refresh;x",
                "/api/auth/%72efresh",
                "/api/auth%2frefresh",
                "/api/auth/%2e/refresh",
                "/api/x/../auth/refresh",
                "/api/auth/..;/auth/refresh",
                "/api/auth%5crefresh",
                "/api/auth/refresh%00",
                "/api/auth/refresh%20",
                "/api/auth/refresh.",
                "/API/auth/Refresh",
                "/api/auth/%2572efresh",
                "/api/auth/refresh%3fx",
                "/api/auth/%EF%BD%92efresh",
                "/api/auth/%c1%b2efresh",
                "http://a.example//api/auth/refresh",
                "/api/auth/refresh.json",
                "/api/auth/refresh",
                "/api/auth/refresh?x=/",
                "http://a.example/api/auth/refresh"
            })
    @SecurityLine(34)
    void noSpellingOfTheRefreshPathReachesTheBackend(String target) {
        String answer = RawClient.send(
                gateway.port(),
                "POST " + target + " HTTP/1.1\r\nHost: a.example\r\nX-HTTP-Method-Override: GET\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 22\r\nConnection: close\r\n\r\n"
                        + "{\"refreshToken\":\"a.b\"}");

        assertThat(answer).matches("(?s)HTTP/1.1 (400|401|404) .*");
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void aBackendThatBreaksOffIsABadGateway() {
        backend.answerWith("");
        backend.hangUpAfterEachAnswer(true);
        try {
            var answer = gateway.post("/thing", "{}");

            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.body()).isEqualTo("{\"error\":\"The service cannot be reached\"}");
        } finally {
            backend.hangUpAfterEachAnswer(false);
            backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            while (backend.waiting() > 0) {
                backend.take();
            }
        }
    }

    @Test
    void actuatorOnThePublicPortIsTheBackends() {
        assertThat(gateway.get("/actuator/health").body()).isEqualTo("ok");
        assertThat(backend.take().line()).isEqualTo("GET /actuator/health HTTP/1.1");
    }
}
