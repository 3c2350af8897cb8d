package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * 10,000 connections to a small gateway on which nothing is asked, or nothing more: nobody else notices. Each
 * process has one end of them, and needs as many file descriptors; where it may not have them, nothing is shown.
 */
class ManyConnectionsIT {
    private static final int MANY = 10_000;

    /** What a process needs beside them. */
    private static final int RESERVE = 1_000;

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Pattern OPEN = Pattern.compile("(?m)^portcullis_connections_open(?:\\{.*})? (\\S+)$");
    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RedisServer redis = RedisServer.start();

    @AutoClose
    private static final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());

    @AutoClose
    private static final GatewayProcess gateway = start();

    private final List<SocketChannel> connections = new ArrayList<>();
    private String token = "";

    private static GatewayProcess start() {
        Map<String, String> variables = new HashMap<>(Map.of(
                "SERVER_PORT", Integer.toString(PORT),
                "MANAGEMENT_SERVER_PORT", Integer.toString(MANAGEMENT_PORT),
                "SPRING_DATA_REDIS_URL", redis.url(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"));
        // longer than it takes to open them, so that all of them are there at once, and as short as one may be idle
        variables.put("PORTCULLIS_CONNECTIONS_HEADTIMEOUT", "45s");
        variables.put("PORTCULLIS_CONNECTIONS_IDLETIMEOUT", "45s");
        variables.put("PORTCULLIS_OVERLOAD_DELAYMAX", "0s");
        return GatewayProcess.start(
                variables, "-Xmx128m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");
    }

    @BeforeAll
    static void thereMayBeSoMany() {
        UnixOperatingSystemMXBean process = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long max = process.getMaxFileDescriptorCount();
        long taken = process.getOpenFileDescriptorCount();
        // the gateway may have as many, and has none of ours
        assumeTrue(
                max - taken >= MANY + RESERVE,
                () -> "10,000 connections were not tried: a process may have " + max
                        + " file descriptors here (ulimit -Hn), and this one has " + taken + " already");
        gateway.awaitReady(MANAGEMENT_PORT);
    }

    @AfterEach
    void leave() throws IOException {
        for (SocketChannel connection : connections) {
            connection.close();
        }
        await().atMost(PATIENCE).until(() -> open() < 10);
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + PORT + path);
    }

    private static double open() {
        Matcher open = OPEN.matcher(
                GatewayProcess.get(URI.create("http://127.0.0.1:" + MANAGEMENT_PORT + "/actuator/prometheus"))
                        .body());
        assertThat(open.find()).isTrue();
        return Double.parseDouble(open.group(1));
    }

    private void assertThatOthersAreServed() {
        HttpResponse<String> tokens =
                GatewayProcess.post(uri("/api/auth/refresh"), "{\"refreshToken\":\"" + token + "\"}");
        assertThat(tokens.statusCode()).isEqualTo(200);
        token = Tokens.refreshToken(tokens);
        assertThat(GatewayProcess.get(uri("/api/me"), "Authorization", "Bearer " + Tokens.accessToken(tokens))
                        .statusCode())
                .isEqualTo(200);
    }

    /** Opens them, each with these bytes. */
    private void openMany(String... bytes) throws IOException {
        token = Tokens.refreshToken(GatewayProcess.post(
                uri("/api/auth/login"),
                "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
        for (int i = 0; i < MANY; i++) {
            SocketChannel connection = SocketChannel.open(server);
            connections.add(connection);
            connection.write(ByteBuffer.wrap(bytes[i % bytes.length].getBytes(StandardCharsets.US_ASCII)));
            if (i % 1_000 == 0) {
                assertThatOthersAreServed();
            }
        }
    }

    private void assertThatNobodyElseNotices() {
        await().atMost(PATIENCE).until(() -> open() >= MANY);
        for (int i = 0; i < 10; i++) {
            assertThatOthersAreServed();
        }
        assertThat(gateway.isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory", "OutOfDirectMemory", "Too many open files");
    }

    @Test
    void nothingIsAskedOnAnyOfThem() throws IOException {
        openMany("", "GET /half");

        assertThatNobodyElseNotices();
        await().atMost(PATIENCE).until(() -> open() < 10);
        assertThatOthersAreServed();
    }

    @Test
    void nothingMoreIsAskedOnAnyOfThem() throws IOException {
        openMany("GET /api/me HTTP/1.1\r\nHost: a.example\r\n\r\n");
        for (SocketChannel connection : connections) {
            ByteBuffer answer = ByteBuffer.allocate(4096);
            connection.read(answer);
            assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 401 ");
        }

        assertThatNobodyElseNotices();
    }
}
