package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawBackend;
import io.portcullis.RawHttp2;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of request bodies an HTTP/2 connection takes while nobody reads them: all backend connections are in use. */
class Http2WindowIT {
    private static final int STREAM_WINDOW = 512 << 10;
    private static final int CONNECTION_WINDOW = 1 << 20;
    private static final int BODY = 2 << 20;
    /** As many requests may wait for one. */
    private static final int CONNECTIONS = 8;

    private static DemoKeys keys;
    private static RawBackend backend;
    private static ServerKey key;
    private static TestGateway inClear;
    private static TestGateway overTls;

    @BeforeAll
    static void start() {
        String[] few = {
            "spring.cloud.gateway.server.webflux.httpclient.pool.max-connections=" + CONNECTIONS,
            "spring.cloud.gateway.server.webflux.httpclient.pool.acquire-timeout=60000"
        };
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        key = ServerKey.generate();
        inClear = TestGateway.start(keys, backend.uri(), few);
        overTls = inClear.replica(
                backend.uri(),
                Stream.concat(Stream.of(few), key.properties().stream()).toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        overTls.close();
        inClear.close();
        key.close();
        backend.close();
        keys.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bodiesThatNobodyReadsWaitAtTheClient(boolean tls) {
        CountDownLatch held = backend.hold();
        try (RawHttp2 others = connect(tls);
                RawHttp2 uploads = connect(tls)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                others.begin(RawHttp2.head("GET", "/other"), true);
                assertThat(backend.take().line()).isEqualTo("GET /other HTTP/1.1");
            }

            List<AtomicLong> gone = new ArrayList<>(List.of(upload(uploads)));
            awaitStandstill(gone);
            long ofOne = sum(gone);
            for (int i = 1; i < CONNECTIONS; i++) {
                gone.add(upload(uploads));
            }
            awaitStandstill(gone);
            long ofAll = sum(gone);
            held.countDown();

            assertThat(ofOne).isEqualTo(STREAM_WINDOW);
            // netty takes what it has handed over, up to 16 frames, for consumed
            assertThat(ofAll).isBetween((long) CONNECTION_WINDOW, 2L * CONNECTION_WINDOW);
            for (int i = 0; i < CONNECTIONS; i++) {
                assertThat(backend.take().body()).hasSize(BODY);
            }
        }
    }

    private static AtomicLong upload(RawHttp2 connection) {
        return connection.pour(connection.begin(RawHttp2.head("POST", "/upload"), false), BODY);
    }

    private static RawHttp2 connect(boolean tls) {
        return tls ? RawHttp2.connect(overTls.port(), key) : RawHttp2.connect(inClear.port());
    }

    private static long sum(List<AtomicLong> gone) {
        return gone.stream().mapToLong(AtomicLong::get).sum();
    }

    private static void awaitStandstill(List<AtomicLong> gone) {
        AtomicLong last = new AtomicLong();
        await().atMost(Duration.ofSeconds(20))
                .during(Duration.ofMillis(700))
                .until(() -> sum(gone) > 0 && last.getAndSet(sum(gone)) == sum(gone));
    }
}
