package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawHttp2;
import io.portcullis.RawHttp2.Answer;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 frame by frame: what reaches the backend, and what does not. */
class Http2ConnectionIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    private RawHttp2 connection;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri(), "portcullis.refresh.body-timeout=1s");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @BeforeEach
    void connect() {
        connection = RawHttp2.connect(gateway.port());
    }

    @AfterEach
    void disconnect() {
        connection.close();
        backend.answerWith(OK);
    }

    private static Http2Headers get(String path, String... headers) {
        return RawHttp2.head("GET", path, headers);
    }

    private static Http2Headers refresh() {
        return RawHttp2.head("POST", "/api/auth/refresh", "content-type", "application/json");
    }

    private String login() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String body = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
        Answer answer = connection.exchange(RawHttp2.head("POST", "/api/auth/login"), "{}");
        backend.take();
        return answer.body().replaceFirst(".*\"refreshToken\":\"([^\"]*)\".*", "$1");
    }

    private static String json(String refreshToken) {
        return "{\"refreshToken\":\"" + refreshToken + "\"}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//api/auth/refresh",
                "/api/auth/refresh/",
                "/api/auth/refresh;x",
                "/api/auth/%72efresh",
                "/api/auth%2frefresh",
                "/api/x/../auth/refresh",
                "/api/auth/..;/auth/refresh",
                "/api/auth\\refresh",
                "/api/auth/refresh%00",
                "/api/auth/refresh\t",
                "/api/auth/refresh.",
                "/API/auth/Refresh",
                "/api/auth/refresh#x",
                "/x#/../api/auth/refresh",
                "api/auth/refresh",
                "http://api.example/api/auth/refresh",
                "http://api.example//api/auth/refresh",
                "/api/auth/refresh?x=/",
                "/api/auth/refresh"
            })
    @SecurityLine(34)
    void noSpellingOfTheRefreshPathReachesTheBackend(String path) {
        Answer answer = connection.exchange(
                RawHttp2.head("POST", path, "content-type", "application/json", "x-http-method-override", "GET"),
                "{\"refreshToken\":\"a.b\"}");

        assertThat(answer.status()).isIn(400, 401, 404);
        assertThat(backend.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/auth/refresh ", "/x /api/auth/refresh", "/x HTTP/1.1"})
    void aPathThatHttp1CouldNotSayIsReset(String path) {
        connection.begin(get(path), true);

        assertThat(connection.reset()).isNotNull();
        assertThat(backend.waiting()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '~',
            value = {
                "/q?filter={\"a\":1} /q?filter=%7B%22a%22:1%7D",
                "/100%?a=5% /100%25?a=5%25",
                "/a[1]%20?b[]=1%20 /a%5B1%5D%20?b%5B%5D=1%20",
                "/\u00c3\u00bc /%C3%BC",
                "/a//b///c?d=//e /a//b///c?d=//e"
            })
    void aTargetArrivesAsOverHttp1(String sent, String arrived) {
        assertThat(connection.exchange(get(sent), "").status()).isEqualTo(200);

        assertThat(backend.take().line()).isEqualTo("GET " + arrived + " HTTP/1.1");
    }

    @Test
    void nothingOfHttp2ReachesTheBackend() {
        connection.exchange(
                get("/thing", "cookie", "a=1", "cookie", "b=2", "x-many", "one", "x-many", "two", "te", "trailers"),
                "");

        Request request = backend.take();
        assertThat(request.header("Host")).isEqualTo("api.example");
        assertThat(request.header("Cookie")).isEqualTo("a=1; b=2");
        assertThat(request.headers("X-Many")).containsExactly("one", "two");
        assertThat(request.header("Connection")).isEqualTo("TE");
        assertThat(request.header("TE")).isEqualTo("trailers");
        assertThat(request.header("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(request.header("X-Forwarded-Host")).isEqualTo("api.example");
        assertThat(request.headers())
                .extracting(header -> header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT))
                .containsExactlyInAnyOrder(
                        "host",
                        "cookie",
                        "x-many",
                        "x-many",
                        "connection",
                        "te",
                        "x-forwarded-for",
                        "x-forwarded-host",
                        "x-forwarded-proto",
                        "x-forwarded-port");
    }

    @Test
    void anotherHostThanTheAuthorityIsRefused() {
        connection.begin(get("/thing", "host", "evil.example"), true);

        assertThat(connection.reset()).isNotNull();
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void whatSpeaksOfTheBackendsConnectionDoesNotReachTheClient() {
        backend.answerWith("HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");

        Answer answer = connection.exchange(get("/thing"), "");

        backend.take();
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.headers().names().stream().map(CharSequence::toString))
                .doesNotContain("connection", "keep-alive", "transfer-encoding", "upgrade");
    }

    @Test
    void trailersOfTheBackendReachTheClient() {
        backend.answerWith("HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nok\r\n0\r\nX-Sum: 17\r\n\r\n");

        Answer answer = connection.exchange(get("/thing"), "");

        backend.take();
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.trailers().get("x-sum")).hasToString("17");
    }

    @Test
    void aRequestMayEndWithTrailers() {
        Http2FrameStream stream = connection.begin(refresh(), false);
        connection.data(stream, json("a.b"), false);
        connection.trailers(stream, "x-sum", "17");

        assertThat(connection.answer().status()).isEqualTo(401);
    }

    @Test
    void aRefusalThatEndsAnHttp1ConnectionEndsTheStreamOnly() {
        Answer tooLarge = connection.exchange(refresh(), json("x".repeat(20_000)));
        Http2FrameStream slow = connection.begin(refresh(), false);
        connection.data(slow, "{\"refreshToken\"", false);
        Answer tooSlow = connection.answer();
        Answer next = connection.exchange(refresh(), json("a.b"));

        assertThat(tooLarge.status()).isEqualTo(413);
        assertThat(tooSlow.status()).isEqualTo(408);
        assertThat(tooLarge.headers().contains("connection")).isFalse();
        assertThat(next.status()).isEqualTo(401);
    }

    @Test
    void anAnswerToAStreamThatWasResetIsUndelivered() {
        String token = login();
        assertThat(connection.exchange(refresh(), json("a.b")).status()).isEqualTo(401);
        double before = undelivered();

        gateway.redis().command("CLIENT", "PAUSE", "300", "ALL");
        Http2FrameStream stream = connection.begin(refresh(), false);
        connection.data(stream, json(token), true);
        connection.reset(stream);
        await().atMost(Duration.ofSeconds(20)).until(() -> undelivered() > before);
        Answer again = connection.exchange(refresh(), json(token));

        assertThat(again.status()).isEqualTo(200);
    }

    private static double undelivered() {
        var counter =
                gateway.bean(MeterRegistry.class).find("portcullis.undelivered").counter();
        return counter == null ? 0 : counter.count();
    }
}
