package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Bodies that are larger than the gateway's memory, and the end of a gateway that is still at work. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StreamingIT {
    private static final String[] SMALL = {"-Xmx128m", "-XX:MaxDirectMemorySize=64m"};
    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();
    private static final DemoKeys KEYS = DemoKeys.generate();
    private static final RedisServer REDIS = RedisServer.start();
    private static final StreamingBackend BACKEND = new StreamingBackend();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static GatewayProcess gateway;
    private static String expected;

    @BeforeAll
    static void start() throws IOException {
        expected = LargeBody.hash(new LargeBody());
        gateway = GatewayProcess.start(
                Map.of(
                        "SERVER_PORT", Integer.toString(PORT),
                        "MANAGEMENT_SERVER_PORT", Integer.toString(MANAGEMENT_PORT),
                        "SPRING_DATA_REDIS_URL", REDIS.url(),
                        "BACKEND_URI", BACKEND.uri(),
                        "ACCESS_TOKEN_KEYS", KEYS.accessTokenKeys().toString(),
                        "REFRESH_TOKEN_KEYS", KEYS.refreshTokenKeys().toString(),
                        "SERVER_ADDRESS", "127.0.0.1",
                        "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"),
                SMALL);
        gateway.awaitReady(MANAGEMENT_PORT);
    }

    @AfterAll
    static void end() {
        gateway.close();
        BACKEND.close();
        REDIS.close();
        KEYS.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + path))
                .timeout(Duration.ofMinutes(2));
    }

    @Test
    @Order(1)
    void chunkedUploadIsNotHeldInMemory() throws Exception {
        upload("chunked", body -> body);
    }

    @Test
    @Order(2)
    void uploadWithALengthIsNotHeldInMemory() throws Exception {
        upload("length", body -> BodyPublishers.fromPublisher(body, LargeBody.SIZE));
    }

    private static void upload(String framing, UnaryOperator<BodyPublisher> framed) throws InterruptedException {
        LargeBody body = new LargeBody();
        CountDownLatch held = BACKEND.holdUploads();
        BodyPublisher publisher = framed.apply(BodyPublishers.ofInputStream(() -> body));

        CompletableFuture<HttpResponse<String>> answer =
                CLIENT.sendAsync(request("/upload").POST(publisher).build(), BodyHandlers.ofString());
        LargeBody.awaitStandstill(body.position());
        long atStandstill = body.position().get();
        held.countDown();

        assertThat(answer.join().body()).isEqualTo(framing + " " + expected);
        assertThat(atStandstill).isPositive().isLessThan(LargeBody.SIZE / 2);
    }

    @Test
    @Order(3)
    void downloadIsNotHeldInMemory() throws Exception {
        HttpResponse<InputStream> answer = CLIENT.send(request("/download").build(), BodyHandlers.ofInputStream());
        LargeBody.awaitStandstill(BACKEND.sent());
        long atStandstill = BACKEND.sent().get();

        try (InputStream body = answer.body()) {
            assertThat(LargeBody.hash(body)).isEqualTo(expected);
        }
        assertThat(atStandstill).isPositive().isLessThan(LargeBody.SIZE / 2);
    }

    @Test
    @Order(4)
    @SecurityLine(46)
    void actuatorPathsOfThePublicPortAreTheBackends() {
        for (String path : new String[] {"/actuator", "/actuator/health", "/actuator/env", "/actuator/shutdown"}) {
            URI uri = URI.create("http://127.0.0.1:" + PORT + path);

            assertThat(GatewayProcess.get(uri).body()).isEqualTo("the backend's " + path);
        }
    }

    @Test
    @Order(5)
    void gatewayIsStillReadyWithItsLittleMemory() {
        URI readiness = URI.create("http://127.0.0.1:" + MANAGEMENT_PORT + "/actuator/health/readiness");

        assertThat(GatewayProcess.get(readiness).statusCode()).isEqualTo(200);
        assertThat(gateway.output()).doesNotContain("OutOfMemory", "LEAK");
    }

    @Test
    @Order(6)
    void terminatedGatewayFinishesWhatItHasBegunAndTakesNothingMore() throws Exception {
        CompletableFuture<HttpResponse<String>> begun =
                CLIENT.sendAsync(request("/slow").build(), BodyHandlers.ofString());
        assertThat(BACKEND.slowAsked().await(30, TimeUnit.SECONDS)).isTrue();

        gateway.terminate();
        await().atMost(Duration.ofSeconds(30)).until(() -> !accepts(PORT));
        boolean aliveWhileAtWork = gateway.isAlive() && !begun.isDone();
        BACKEND.slowReleased().countDown();

        assertThat(aliveWhileAtWork).isTrue();
        assertThat(begun.get(30, TimeUnit.SECONDS).body()).isEqualTo("finished");
        assertThat(gateway.exitCode(Duration.ofSeconds(20))).isIn(0, 143);
    }

    private static boolean accepts(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }
}
