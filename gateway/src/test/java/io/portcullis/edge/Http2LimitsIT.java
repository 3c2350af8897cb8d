package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.RawHttp2;
import io.portcullis.RawHttp2.Answer;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an HTTP/2 connection may not do. */
@ExtendWith(OutputCaptureExtension.class)
class Http2LimitsIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    private RawHttp2 connection;

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

    @BeforeEach
    void connect() {
        connection = RawHttp2.connect(gateway.port());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void theServerSaysItsLimits() {
        Http2Settings settings = connection.settings();

        assertThat(settings.maxConcurrentStreams()).isEqualTo(128);
        assertThat(settings.initialWindowSize()).isEqualTo(512 << 10);
        assertThat(settings.maxHeaderListSize()).isEqualTo(32_768);
    }

    @Test
    @SecurityLine(30)
    void headersOverTheLimitAreRefused() {
        Answer answer = connection.exchange(RawHttp2.head("GET", "/thing", "x-large", "x".repeat(33_000)), "");

        assertThat(answer.status()).isEqualTo(431);
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void theManagementPortDeclinesAnUpgradeToo() {
        String answer = RawClient.send(
                gateway.managementPort(),
                "POST /actuator/health HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
                        + "Connection: Upgrade, HTTP2-Settings, close\r\nContent-Length: 2\r\n\r\n{}");

        assertThat(answer).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void theManagementPortSpeaksHttp1Only() {
        String answer = RawClient.send(gateway.managementPort(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 ");
    }

    @Test
    void whoKeepsResettingStreamsLosesTheConnection(CapturedOutput log) {
        // one too many and no more: the connection ends at once, and what is written to it then may fail
        for (int i = 0; i < 200 + 1; i++) {
            connection.reset(connection.begin(RawHttp2.head("POST", "/api/auth/refresh"), false));
        }

        assertThat(connection.goAway().errorCode()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        assertThat(connection.isClosed()).isTrue();
        assertThat(log).doesNotContain("Server Error");
    }
}
