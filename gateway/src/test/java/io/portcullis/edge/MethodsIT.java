package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http2.Http2Headers;
import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.RawHttp2;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code CONNECT} and {@code TRACE} reach no backend: the gateway is no tunnel and no mirror. */
class MethodsIT {
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
            strings = {"CONNECT a.example:443", "CONNECT /thing", "CONNECT http://a.example/thing", "TRACE /thing"})
    @SecurityLine(34)
    void aRequestToTheGatewayItselfIsNotForwarded(String request) {
        String answer = RawClient.send(
                gateway.port(),
                request + " HTTP/1.1\r\nHost: a.example:443\r\n\r\nGET /behind HTTP/1.1\r\nHost: a.example\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 501 ")
                .containsOnlyOnce("HTTP/1.1")
                .endsWith("{\"error\":\"Method not implemented\"}");
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void ofSeveralThatRefuseTheFirstAnswers() {
        String answer = RawClient.send(
                gateway.port(),
                "TRACE //api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\nGET /behind HTTP/1.1\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        assertThat(backend.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT", "TRACE"})
    void norOverHttp2(String method) {
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            assertThat(client.exchange(RawHttp2.head(method, "/thing"), "").status())
                    .isEqualTo(501);
        }
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void aConnectByTheBookIsRefusedOverHttp2() {
        Http2Headers head = RawHttp2.head("CONNECT", "/");
        head.remove(":path");
        head.remove(":scheme");
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            assertThat(client.exchange(head, "").status()).isIn(400, 501);
        }
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void whatIsAskedOfTheServerAsAWholeIsAnsweredHere() {
        String options =
                RawClient.send(gateway.port(), "OPTIONS * HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
        String other = RawClient.send(gateway.port(), "GET * HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

        assertThat(options).startsWith("HTTP/1.1 204 ");
        assertThat(other).startsWith("HTTP/1.1 400 ");
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void aMethodThatAClientMadeUpHasNoMeterOfItsOwn() {
        RawClient.send(
                gateway.port(), "MADEUP /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

        MeterRegistry meters = gateway.bean(MeterRegistry.class);
        await().until(() -> meters.find("spring.cloud.gateway.requests").meters().stream()
                .map(meter -> meter.getId().getTag("httpMethod"))
                .anyMatch("UNKNOWN"::equals));
        assertThat(meters.getMeters())
                .noneMatch(meter -> meter.getId().toString().contains("MADEUP"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gzip, chunked", "gzip\r\nTransfer-Encoding: chunked", "deflate,chunked", "chunked, chunked"})
    void aTransferCodingThatWouldBeLostIsRefused(String coding) {
        String answer = RawClient.send(
                gateway.port(),
                "POST /coded HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: " + coding
                        + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n");

        assertThat(answer).matches("(?s)HTTP/1.1 (400|501) .*").containsOnlyOnce("HTTP/1.1");
        assertThat(backend.waiting()).isZero();
    }
}
