package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many bodies that one end sends quicker than the other takes them, together larger than the gateway's memory: nobody notices. */
class SlowClientsIT {
    private static final int CLIENTS = 200;
    private static final int BYTES = 10 * 1024 * 1024;

    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RedisServer redis = RedisServer.start();

    @AutoClose
    private static final StreamingBackend backend = new StreamingBackend();

    @AutoClose
    private static final GatewayProcess gateway = GatewayProcess.start(
            Map.of(
                    "SERVER_PORT", Integer.toString(PORT),
                    "MANAGEMENT_SERVER_PORT", Integer.toString(MANAGEMENT_PORT),
                    "SPRING_DATA_REDIS_URL", redis.url(),
                    "BACKEND_URI", backend.uri(),
                    "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                    "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                    "SERVER_ADDRESS", "127.0.0.1",
                    "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"),
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+ExitOnOutOfMemoryError");

    private final List<SocketChannel> clients = new ArrayList<>();

    @BeforeAll
    static void isReady() {
        gateway.awaitReady(MANAGEMENT_PORT);
    }

    @AfterEach
    void leave() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + PORT + path);
    }

    /** One of them, with a small window. */
    private static SocketChannel send(String head) throws IOException {
        SocketChannel client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
        client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        return client;
    }

    private static void assertThatOthersAreServed() {
        assertThat(GatewayProcess.get(uri("/actuator")).body()).isEqualTo("the backend's /actuator");
        assertThat(GatewayProcess.post(uri("/api/auth/refresh"), "{\"refreshToken\":\"junk\"}")
                        .statusCode())
                .isEqualTo(401);
        assertThat(gateway.isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory", "OutOfDirectMemory", "broken off", "LEAK");
    }

    @Test
    void downloadsThatNobodyReadsAreNotHeldInMemory() throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(send("GET /download?" + BYTES + " HTTP/1.1\r\nHost: a.example\r\n\r\n"));
        }
        for (SocketChannel client : clients) {
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
        LargeBody.awaitStandstill(backend.sent());

        assertThatOthersAreServed();
        for (SocketChannel client : clients) {
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void uploadsThatNoBackendReadsAreNotHeldInMemory() throws IOException {
        CountDownLatch held = backend.holdUploads();
        for (int i = 0; i < CLIENTS; i++) {
            SocketChannel client =
                    send("POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + BYTES + "\r\n\r\n");
            client.configureBlocking(false);
            clients.add(client);
        }
        AtomicLong before = new AtomicLong(-1);
        AtomicLong taken = new AtomicLong();
        // as much as is taken, until nothing has been for a while
        await().atMost(Duration.ofSeconds(60)).during(Duration.ofSeconds(1)).until(() -> {
            before.set(taken.get());
            for (SocketChannel client : clients) {
                // more than a quarter of a body fits into no buffer of the gateway, and is enough
                taken.addAndGet(taken.get() < (long) CLIENTS * BYTES / 4 ? client.write(ByteBuffer.allocate(8192)) : 0);
            }
            return taken.get() == before.get();
        });

        assertThatOthersAreServed();
        assertThat(taken.get()).isPositive();
        held.countDown();
    }
}
