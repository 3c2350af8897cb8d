package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.portcullis.RawHttp2.Answer;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.Okio;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Bodies over HTTP/2 that are larger than the gateway's memory, and the end of a gateway with connections that go on. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Http2StreamingIT {
    private static final String[] SMALL = {"-Xmx128m", "-XX:MaxDirectMemorySize=64m"};
    private static final long LARGE = 256L << 20;
    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();
    private static final DemoKeys KEYS = DemoKeys.generate();
    private static final RedisServer REDIS = RedisServer.start();
    private static final StreamingBackend BACKEND = new StreamingBackend();
    private static final OkHttpClient CLIENT = new OkHttpClient.Builder()
            .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
            .readTimeout(2, TimeUnit.MINUTES)
            .writeTimeout(2, TimeUnit.MINUTES)
            .build();

    private static GatewayProcess gateway;
    private static String expected;

    @BeforeAll
    static void start() throws IOException {
        expected = LargeBody.hash(new LargeBody(LARGE));
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

    private static Request.Builder request(String path) {
        return new Request.Builder().url("http://127.0.0.1:" + PORT + path);
    }

    private record Upload(LargeBody body) {
        String send() {
            RequestBody content = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public boolean isOneShot() {
                    return true;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                    sink.writeAll(Okio.source(body));
                }
            };
            try (Response answer =
                    CLIENT.newCall(request("/upload").post(content).build()).execute()) {
                return answer.body().string();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    @Order(1)
    void uploadIsNotHeldInMemory() {
        LargeBody body = new LargeBody(LARGE);
        CountDownLatch held = BACKEND.holdUploads();

        CompletableFuture<String> answer = CompletableFuture.supplyAsync(new Upload(body)::send);
        LargeBody.awaitStandstill(body.position());
        long atStandstill = body.position().get();
        held.countDown();

        assertThat(answer.join()).isEqualTo("chunked " + expected);
        assertThat(atStandstill).isPositive().isLessThan(LARGE / 2);
    }

    @Test
    @Order(2)
    void downloadIsNotHeldInMemory() throws IOException {
        try (Response answer =
                        CLIENT.newCall(request("/download?" + LARGE).build()).execute();
                InputStream body = answer.body().byteStream()) {
            LargeBody.awaitStandstill(BACKEND.sent());
            long atStandstill = BACKEND.sent().get();

            assertThat(LargeBody.hash(body)).isEqualTo(expected);
            assertThat(atStandstill).isPositive().isLessThan(LARGE / 2);
        }
        assertThat(gateway.output()).doesNotContain("OutOfMemory", "LEAK");
    }

    @Test
    @Order(3)
    void aGatewayThatEndsSaysSoAndFinishesWhatItHasBegun() throws Exception {
        try (RawHttp2 connection = RawHttp2.connect(PORT);
                RawHttp2 idle = RawHttp2.connect(PORT)) {
            idle.settings();
            connection.begin(RawHttp2.head("GET", "/slow"), true);
            assertThat(BACKEND.slowAsked().await(30, TimeUnit.SECONDS)).isTrue();

            gateway.terminate();
            assertThat(idle.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
            assertThat(connection.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
            boolean aliveWhileAtWork = gateway.isAlive();
            BACKEND.slowReleased().countDown();
            Answer answer = connection.answer();

            assertThat(aliveWhileAtWork).isTrue();
            assertThat(answer.body()).isEqualTo("finished");
            assertThat(connection.isClosed()).isTrue();
            assertThat(idle.isClosed()).isTrue();
            assertThat(gateway.exitCode(Duration.ofSeconds(20))).isIn(0, 143);
        }
    }
}
