package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets (RFC 6455): client and backend speak with each other as if nobody stood between them. */
class WebSocketIT {
    private static final String ASKS = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a.example\r\n"
            + "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
    private static final String AGREES = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            + "Sec-WebSocket-Protocol: superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
            + "Set-Cookie: io=1\r\n\r\n";

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

    private record Ends(RawConnection client, RawConnection backend) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            backend.close();
        }
    }

    private static Ends connected() {
        RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
        RawConnection accepted = backend.accept();
        accepted.head();
        accepted.write(AGREES);
        client.head();
        return new Ends(client, accepted);
    }

    /** A frame as a client writes it, masked with zeros, or as a backend does, unmasked. */
    private static byte[] frame(int first, boolean masked, byte... payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int mask = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.write(mask | payload.length);
        } else {
            frame.write(mask | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        if (masked) {
            frame.writeBytes(new byte[4]);
        }
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    @Test
    void theHandshakePassesBothWays() {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            String asked = accepted.head();
            boolean answeredBeforeTheBackend = !client.isSilent();
            accepted.write(AGREES);
            String agreed = client.head();

            assertThat(asked.lines())
                    .startsWith("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1")
                    .contains(
                            "Host: a.example",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                            "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Protocol: chat, superchat",
                            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
                    .anyMatch(line -> line.equalsIgnoreCase("Upgrade: websocket"))
                    .anyMatch(line -> line.equalsIgnoreCase("Connection: Upgrade"));
            assertThat(answeredBeforeTheBackend).isFalse();
            assertThat(agreed.lines())
                    .startsWith("HTTP/1.1 101 Switching Protocols")
                    .contains(
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                            "Sec-WebSocket-Protocol: superchat",
                            "Sec-WebSocket-Extensions: permessage-deflate",
                            "Set-Cookie: io=1")
                    .anyMatch(line -> line.equalsIgnoreCase("Upgrade: websocket"))
                    .anyMatch(line -> line.equalsIgnoreCase("Connection: Upgrade"));
        }
    }

    @Test
    void framesPassBothWaysByteForByte() {
        byte[][] payloads = {"text \u20ac".getBytes(StandardCharsets.UTF_8), {0, 1, (byte) 0xff}};
        // text, binary, ping, pong, a first fragment and its continuation, and one with an extension's bit
        int[] kinds = {0x81, 0x82, 0x89, 0x8a, 0x01, 0x80, 0xc1};
        try (Ends ends = connected()) {
            for (int kind : kinds) {
                for (byte[] payload : payloads) {
                    byte[] sent = frame(kind, true, payload);
                    byte[] answered = frame(kind, false, payload);

                    ends.client().write(sent);
                    byte[] atBackend = ends.backend().read(sent.length);
                    ends.backend().write(answered);
                    byte[] atClient = ends.client().read(answered.length);

                    assertThat(atBackend).isEqualTo(sent);
                    assertThat(atClient).isEqualTo(answered);
                }
            }
        }
    }

    @Test
    void aFrameInTheSameBytesAsTheAgreementArrives() {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write(AGREES + "\u0081\u0005hello");
            client.head();

            assertThat(client.text(7)).isEqualTo("\u0081\u0005hello");
        }
    }

    @Test
    void framesThatDoNotWaitForTheAgreementArrive() {
        byte[] frame = frame(0x82, true, (byte) 1);
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            client.write(frame).write(frame);
            accepted.write(AGREES);
            client.head();
            client.write("later");

            assertThat(accepted.read(2 * frame.length)).startsWith(frame).endsWith(frame);
            assertThat(accepted.text(5)).isEqualTo("later");
        }
    }

    @Test
    void aFrameInTheSameBytesAsTheHandshakeIsNotLostSilently() {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS + "\u0082\u0081\0\0\0\0a");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write(AGREES);

            assertThat(client.endsSoon()).isTrue();
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void aRequestBehindAHandshakeThatIsRefusedIsAnswered() {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            client.write("GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
            accepted.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            String refused = client.head();
            try (RawConnection next = backend.accept()) {
                next.head();
                next.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

                assertThat(refused).startsWith("HTTP/1.1 403 ");
                assertThat(client.rest()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
        }
    }

    @Test
    void aFrameOfTwentyMegabytesPasses() throws Exception {
        byte[] payload = new byte[20 << 20];
        new Random(1).nextBytes(payload);
        byte[] sent = frame(0x82, true, payload);
        try (Ends ends = connected()) {
            Thread writer = new Thread(() -> ends.client().write(sent));
            writer.start();
            byte[] arrived = ends.backend().read(sent.length);
            writer.join();
            Thread answer = new Thread(() -> ends.backend().write(sent));
            answer.start();
            byte[] back = ends.client().read(sent.length);
            answer.join();

            assertThat(Arrays.equals(arrived, sent)).isTrue();
            assertThat(Arrays.equals(back, sent)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 1001, 1011, 1012, 1013, 1014, 3000, 4999})
    void aCloseReachesTheOtherEndWithItsCode(int code) {
        byte[] payload = code == 0 ? new byte[0] : new byte[] {(byte) (code >> 8), (byte) code, 'b', 'y', 'e'};
        byte[] ofClient = frame(0x88, true, payload);
        byte[] ofBackend = frame(0x88, false, payload);
        try (Ends ends = connected()) {
            ends.client().write(ofClient);
            byte[] atBackend = ends.backend().read(ofClient.length);
            ends.backend().write(ofBackend);
            ends.backend().close();

            assertThat(atBackend).isEqualTo(ofClient);
            assertThat(ends.client().rest().getBytes(StandardCharsets.ISO_8859_1))
                    .isEqualTo(ofBackend);
        }
    }

    @Test
    void anEndWithoutACloseReachesTheOtherEnd() {
        try (Ends ends = connected()) {
            ends.client().close();

            assertThat(ends.backend().rest()).isEmpty();
        }
        try (Ends ends = connected()) {
            ends.client().reset();

            assertThat(ends.backend().endsSoon()).isTrue();
        }
        try (Ends ends = connected()) {
            ends.backend().reset();

            assertThat(ends.client().endsSoon()).isTrue();
        }
    }

    @Test
    void aRefusalIsTheBackendsOwn() {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n"
                    + "{\"error\":\"Invalid token.\"}");

            assertThat(client.head()).startsWith("HTTP/1.1 401 Unauthorized");
            assertThat(client.text(26)).isEqualTo("{\"error\":\"Invalid token.\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: 1",
                "Upgrade: websocket",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Upgrade: h2c\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=",
                "Upgrade: websocket\r\nSec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ=="
            })
    void a101ThatDoesNotProveItselfIsABadGatewayAndTheEndOfItsConnection(String headers) {
        try (RawConnection client = RawConnection.to(gateway.port()).write(ASKS);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" + headers + "\r\n\r\n");

            assertThat(client.head()).startsWith("HTTP/1.1 502 ").doesNotContain("X: 1");
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                "GET / HTTP/1.0\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            })
    void aHandshakeThatIsNoneIsAnOrdinaryRequest(String asks) {
        try (RawConnection client = RawConnection.to(gateway.port()).write(asks);
                RawConnection accepted = backend.accept()) {
            String asked = accepted.head();
            accepted.write(AGREES);

            assertThat(asked.lines()).noneMatch(line -> line.matches("(?i)(upgrade|connection):.*"));
            assertThat(client.head()).matches("(?s)HTTP/1.[01] 502 .*");
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void noOtherProtocolIsPassedOnAndNoneThatNobodyAskedFor() {
        String asks = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n";
        try (RawConnection client = RawConnection.to(gateway.port()).write(asks);
                RawConnection accepted = backend.accept()) {
            String asked = accepted.head();
            accepted.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");

            assertThat(asked.lines()).noneMatch(line -> line.matches("(?i)(upgrade|http2-settings|connection):.*"));
            assertThat(client.head()).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void aThousandIdleOnesTakeNoThreadsAndAnswerAfterwards() {
        Ends first = connected();
        int threads = Thread.activeCount();
        List<Ends> idle = IntStream.range(0, 1000).mapToObj(i -> connected()).toList();
        int threadsWithThem = Thread.activeCount();
        try {
            RawConnection plain = RawConnection.to(gateway.port())
                    .write("GET /plain HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
            RawConnection accepted = backend.accept();
            accepted.head();
            accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            String answer = plain.rest();
            plain.close();
            accepted.close();

            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("ok");
            assertThat(threadsWithThem - threads).isLessThan(10);
            for (int i = 0; i < idle.size(); i++) {
                byte[] ping = frame(0x89, true, (byte) i);
                byte[] pong = frame(0x8a, false, (byte) i);

                idle.get(i).client().write(ping);
                idle.get(i).backend().write(pong);

                assertThat(idle.get(i).backend().read(ping.length)).isEqualTo(ping);
                assertThat(idle.get(i).client().read(pong.length)).isEqualTo(pong);
            }
        } finally {
            idle.forEach(Ends::close);
            first.close();
        }
    }
}
