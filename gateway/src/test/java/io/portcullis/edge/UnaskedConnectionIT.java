package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.portcullis.RawConnection;
import io.portcullis.RawHttp2;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections on which nothing is asked end; those on which something is under way may be silent for as long as they like. */
class UnaskedConnectionIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int IDLE_MS = 1_500;

    /** Longer than either limit. */
    private static final int LONG_MS = 2_500;

    /** Long enough for a thousand bytes to take longer than a test waits. */
    private static final int BETWEEN_BYTES_MS = 50;

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RawListener backend = RawListener.start();

    @AutoClose
    private static final TestGateway gateway = TestGateway.start(
            keys,
            backend.uri(),
            "portcullis.connections.idle-timeout=" + IDLE_MS + "ms",
            "portcullis.connections.head-timeout=500ms");

    private static RawConnection send(String request) {
        return RawConnection.to(gateway.port()).write(request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "GET /half",
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a.exam",
                "PRI * HTTP/2.0\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            })
    void aConnectionWhoseRequestDoesNotArriveIsClosed(String beginning) {
        try (RawConnection client = send(beginning)) {
            assertThat(client.endsSoon()).isTrue();
        }
    }

    @Test
    void aHeadThatComesByteByByteIsNotWaitedFor() {
        try (RawConnection client = send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Slow: ")) {
            assertThat(bytesTakenBy(client)).isLessThan(300);
        }
    }

    private static int bytesTakenBy(RawConnection client) {
        int taken = 0;
        try {
            for (; taken < 300; taken++) {
                client.write("a");
                backend.isLeftAloneFor(BETWEEN_BYTES_MS);
            }
        } catch (UncheckedIOException e) {
            // closed
        }
        return taken;
    }

    @Test
    void aConnectionThatIsNotUsedAgainIsClosed() {
        try (RawConnection client = send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write(OK);
            client.until("ok");

            assertThat(client.endsSoon()).isTrue();
        }
    }

    @Test
    void aSecondHeadThatIsNotEndedEndsTheConnection() {
        try (RawConnection client = send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write(OK);
            client.until("ok");
            client.write("GET /second HTTP/1.1\r\n");

            assertThat(client.endsSoon()).isTrue();
        }
    }

    @Test
    void aLongPollIsAnsweredAfterAnySilence() {
        try (RawConnection client = send("GET /poll HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            assertThat(backend.isLeftAloneFor(LONG_MS)).isTrue();
            accepted.write(OK);

            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
            assertThat(client.text(2)).isEqualTo("ok");
        }
    }

    @Test
    void anUploadAndAnEventStreamMayPause() {
        try (RawConnection client = send("POST /up HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\n"
                        + "Content-Length: 6\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            assertThat(client.head()).startsWith("HTTP/1.1 100 ");
            client.write("one");
            accepted.until("one");
            assertThat(backend.isLeftAloneFor(LONG_MS)).isTrue();
            client.write("two");
            accepted.until("two");
            accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none");
            client.until("one");
            assertThat(backend.isLeftAloneFor(LONG_MS)).isTrue();
            accepted.write("two");

            assertThat(client.until("two")).isEqualTo("two");
        }
    }

    @Test
    void aWebSocketMayBeSilent() {
        try (RawConnection client = send("GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            client.head();
            client.write("half a frame");
            assertThat(accepted.until("half a frame")).isNotEmpty();
            assertThat(backend.isLeftAloneFor(LONG_MS)).isTrue();
            accepted.write("frame");

            assertThat(client.text(5)).isEqualTo("frame");
        }
    }

    @Test
    void anHttp2ConnectionWithoutAStreamIsToldToGo() {
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            assertThat(client.goAway().errorCode()).isZero();
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void anHttp2StreamMayBeSilentAndTheConnectionEndsAfterIt() {
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            Http2FrameStream poll = client.begin(RawHttp2.head("GET", "/poll"), true);
            assertThat(poll).isNotNull();
            try (RawConnection accepted = backend.accept()) {
                accepted.head();
                assertThat(backend.isLeftAloneFor(LONG_MS)).isTrue();
                accepted.write(OK);

                assertThat(client.answer().body()).isEqualTo("ok");
            }
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void openConnectionsAreCounted() {
        try (RawConnection client = send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.head();

            assertThat(gateway.bean(MeterRegistry.class)
                            .get("portcullis.connections.open")
                            .gauge()
                            .value())
                    .isGreaterThanOrEqualTo(1);
            assertThat(client.isSilent()).isTrue();
        }
    }
}
