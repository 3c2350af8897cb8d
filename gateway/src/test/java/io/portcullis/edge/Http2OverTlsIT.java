package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawHttp2;
import io.portcullis.RawHttp2.Answer;
import io.portcullis.SecurityLine;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds in clear holds where the protocol is negotiated, for both of its outcomes. */
class Http2OverTlsIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static ServerKey key;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        key = ServerKey.generate();
        gateway = TestGateway.start(keys, backend.uri(), key.properties().toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        key.close();
        backend.close();
        keys.close();
    }

    @Test
    void aTargetIsEncodedAndTheBackendKnowsHowTheClientCame() {
        try (RawHttp2 connection = RawHttp2.connect(gateway.port(), key)) {
            Answer answer = connection.exchange(RawHttp2.head("GET", "/q?filter={\"a\":1}"), "");

            Request request = backend.take();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(request.line()).isEqualTo("GET /q?filter=%7B%22a%22:1%7D HTTP/1.1");
            assertThat(request.header("Host")).isEqualTo("api.example");
            assertThat(request.header("X-Forwarded-Proto")).isEqualTo("https");
            assertThat(request.header("X-Forwarded-Port")).isEqualTo("443");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"//api/auth/refresh", "/api/auth/%72efresh", "/api/auth/..;/auth/refresh", "/x#/"})
    @SecurityLine(34)
    void noSpellingOfTheRefreshPathReachesTheBackend(String path) {
        try (RawHttp2 connection = RawHttp2.connect(gateway.port(), key)) {
            assertThat(connection.exchange(RawHttp2.head("POST", path), "{}").status())
                    .isIn(400, 404);
            assertThat(backend.waiting()).isZero();
        }
    }

    @Test
    void aConnectionHasTheSameLimits() {
        try (RawHttp2 connection = RawHttp2.connect(gateway.port(), key)) {
            assertThat(connection.settings().maxConcurrentStreams()).isEqualTo(128);

            // one too many and no more: what is written to a connection that has ended may fail
            for (int i = 0; i < 200 + 1; i++) {
                connection.reset(connection.begin(RawHttp2.head("POST", "/api/auth/refresh"), false));
            }
            assertThat(connection.goAway().errorCode()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        }
    }

    @Test
    void aRedirectThatIssuesTokensOpensASession() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        backend.answerWith("HTTP/1.1 302 Found\r\nLocation: https://app.example/cb?a=%20&token=" + token
                + "&refreshToken=theirs&expiresIn=1800\r\nContent-Length: 0\r\n\r\n");

        try (RawHttp2 connection = RawHttp2.connect(gateway.port(), key)) {
            Answer redirect = connection.exchange(RawHttp2.head("GET", "/api/auth/oauth/callback/google?code=1"), "");
            String location = redirect.headers().get("location").toString();
            String refreshToken = location.replaceFirst(".*&refreshToken=([^&]*)&expiresIn=1800", "$1");
            Answer refresh = connection.exchange(
                    RawHttp2.head("POST", "/api/auth/refresh", "content-type", "application/json"),
                    "{\"refreshToken\":\"" + refreshToken + "\"}");

            backend.take();
            assertThat(redirect.status()).isEqualTo(302);
            assertThat(location)
                    .startsWith("https://app.example/cb?a=%20&token=")
                    .doesNotContain("theirs");
            assertThat(refresh.status()).isEqualTo(200);
        } finally {
            backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }

    @Test
    void aClientWithoutNegotiationSpeaksHttp1() throws IOException {
        try (Socket client = key.clientContext().getSocketFactory().createSocket("127.0.0.1", gateway.port())) {
            client.setSoTimeout(20_000);
            client.getOutputStream()
                    .write(("POST /a|b HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
                                    + "Connection: Upgrade, HTTP2-Settings, close\r\nContent-Length: 2\r\n\r\n{}")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

            Request request = backend.take();
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            assertThat(request.line()).isEqualTo("POST /a%7Cb HTTP/1.1");
            assertThat(request.headers("Upgrade")).isEmpty();
            assertThat(request.header("X-Forwarded-Proto")).isEqualTo("https");
        }
    }
}
