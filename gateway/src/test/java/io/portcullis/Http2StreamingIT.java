package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.portcullis.RawHttp2.Answer;
import io.portcullis.demo.DemoKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Large bodies over HTTP/2, and the end of a gateway with connections that have no end of their own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Http2StreamingIT {
    /** Many windows of flow control; not more, since OkHttp waits for the acknowledgement of each. */
    private static final int UPLOAD = 2 << 20;

    private static final int DOWNLOAD = 32 << 20;
    private static final OkHttpClient CLIENT = new OkHttpClient.Builder()
            .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
            .readTimeout(60, TimeUnit.SECONDS)
            .build();

    private static DemoKeys keys;
    private static StreamingBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = new StreamingBackend();
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void end() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static Request.Builder request(String path) {
        return new Request.Builder().url("http://127.0.0.1:" + gateway.port() + path);
    }

    @Test
    @Order(1)
    void anUploadArrivesWhole() throws IOException {
        byte[] body = new LargeBody().readNBytes(UPLOAD);

        try (Response answer = CLIENT.newCall(
                        request("/upload").post(RequestBody.create(body)).build())
                .execute()) {
            assertThat(answer.body().string()).isEqualTo("length " + LargeBody.hash(new ByteArrayInputStream(body)));
        }
    }

    @Test
    @Order(2)
    void aDownloadArrivesInOrder() throws IOException {
        try (Response answer = CLIENT.newCall(request("/download").build()).execute();
                InputStream body = answer.body().byteStream()) {
            assertThat(body.readNBytes(DOWNLOAD)).isEqualTo(new LargeBody().readNBytes(DOWNLOAD));
        }
    }

    @Test
    @Order(3)
    void aGatewayThatEndsSaysSoAndFinishesWhatItHasBegun() throws Exception {
        try (RawHttp2 connection = RawHttp2.connect(gateway.port());
                RawHttp2 idle = RawHttp2.connect(gateway.port())) {
            idle.settings();
            connection.begin(RawHttp2.head("GET", "/slow"), true);
            assertThat(backend.slowAsked().await(30, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> ended = CompletableFuture.runAsync(gateway::close);
            assertThat(idle.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
            assertThat(connection.goAway().errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
            boolean endedWhileAtWork = ended.isDone();
            backend.slowReleased().countDown();
            Answer answer = connection.answer();

            assertThat(endedWhileAtWork).isFalse();
            assertThat(answer.body()).isEqualTo("finished");
            assertThat(connection.isClosed()).isTrue();
            assertThat(idle.isClosed()).isTrue();
            ended.get(20, TimeUnit.SECONDS);
        }
    }
}
