package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.RawConnection;
import io.portcullis.RawHttp2;
import io.portcullis.demo.DemoBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A connection that loops, and how many answers it gets while another one gets many. Proxies are at 127.0.1.0/24; all clients
 * send too many, and for a minute nothing changes that.
 */
class LoopingConnectionIT {
    /** Of the connection beside the loop: a second for each would be too long to wait for. */
    private static final int ANSWERS = 40;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String CLIENT = "127.0.0.2";
    private static final String PROXY = "127.0.1.1";
    private static final String HTTP_2_CLIENT = "127.0.0.1";
    private static final String REFRESH = "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    private static final String REFRESH_BEHIND_THE_PROXY =
            REFRESH.replace("Host: a", "Host: a\r\nX-Forwarded-For: 203.0.113.1");
    private static final String ME = "GET /api/me HTTP/1.1\r\nHost: a\r\n\r\n";

    @AutoClose
    private static final GatewayFixture<DemoBackend> world = GatewayFixture.beforeDemo(
            "portcullis.refresh.limit.per-address=1",
            "portcullis.refresh.limit.address-burst=1",
            "portcullis.forwarded.trusted-proxies=127.0.1.0/24");

    /** Asks again as soon as it is answered, until it is closed. */
    private static final class Loop implements AutoCloseable {
        private final AtomicInteger answers = new AtomicInteger();
        private final Thread thread;
        private volatile boolean isOver;

        private Loop(IntSupplier exchange) {
            thread = new Thread(() -> {
                while (!isOver && isOneOf(exchange.getAsInt())) {
                    answers.incrementAndGet();
                }
            });
            thread.start();
        }

        private static boolean isOneOf(int status) {
            return status == 400 || status == 429;
        }

        private int answers() {
            return answers.get();
        }

        @Override
        public void close() {
            isOver = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static RawConnection connect(String from) {
        try {
            return RawConnection.over(new Socket(
                    InetAddress.getLoopbackAddress(), world.gateway().port(), InetAddress.getByName(from), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int ask(RawConnection connection, String request) {
        String head = connection.write(request).head();
        connection.read(Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1")));
        return Integer.parseInt(head.substring(9, 12));
    }

    private static List<Integer> ask(RawConnection connection, String request, int times) {
        return Stream.generate(() -> ask(connection, request)).limit(times).toList();
    }

    private static int open() {
        return (int) world.gateway()
                .bean(MeterRegistry.class)
                .get("portcullis.connections.open")
                .gauge()
                .value();
    }

    @BeforeAll
    static void exhaust() {
        try (RawConnection client = connect(CLIENT);
                RawConnection http2 = connect(HTTP_2_CLIENT);
                RawConnection proxy = connect(PROXY)) {
            assertThat(ask(client, REFRESH)).isEqualTo(400);
            assertThat(ask(http2, REFRESH)).isEqualTo(400);
            assertThat(ask(proxy, REFRESH_BEHIND_THE_PROXY)).isEqualTo(400);
        }
    }

    @Test
    void loopIsAnsweredNowAndThenAndAProxyWheneverItAsks() {
        try (RawConnection client = connect(CLIENT);
                RawConnection proxy = connect(PROXY);
                Loop loop = new Loop(() -> ask(client, REFRESH))) {
            assertThat(ask(proxy, REFRESH_BEHIND_THE_PROXY, ANSWERS)).containsOnly(429);

            assertThat(loop.answers()).isLessThan(ANSWERS / 2);
            int answers = loop.answers();
            await().atMost(PATIENCE).until(() -> loop.answers() > answers);
        }
    }

    @Test
    void loopOverHttp2IsAnsweredNowAndThen() {
        try (RawHttp2 client = RawHttp2.connect(world.gateway().port());
                RawConnection proxy = connect(PROXY);
                Loop loop = new Loop(() -> client.exchange(RawHttp2.head("POST", "/api/auth/refresh"), "{}")
                        .status())) {
            assertThat(ask(proxy, REFRESH_BEHIND_THE_PROXY, ANSWERS)).containsOnly(429);

            assertThat(loop.answers()).isLessThan(ANSWERS / 2);
            int answers = loop.answers();
            await().atMost(PATIENCE).until(() -> loop.answers() > answers);
        }
    }

    @Test
    void whoAsksForSomethingElseToIsAnsweredWheneverHeAsks() {
        try (RawConnection client = connect(CLIENT);
                RawConnection server = connect(CLIENT);
                Loop loop = new Loop(() -> ask(client, REFRESH))) {
            for (int i = 0; i < ANSWERS; i++) {
                assertThat(ask(server, REFRESH)).isEqualTo(429);
                assertThat(ask(server, ME)).isEqualTo(401);
            }

            assertThat(loop.answers()).isLessThan(ANSWERS / 2);
        }
    }

    @Test
    void whatWasSentAheadOfAnAnswerEndsWithTheConnection() {
        try (RawConnection client = connect(CLIENT)) {
            String answers = client.write(REFRESH.repeat(10)).rest();

            assertThat(answers.split("HTTP/1.1 429 ", -1)).hasSize(1 + 3);
            assertThat(answers.split("(?i)Connection: close\r\n", -1)).hasSize(1 + 1);
        }
    }

    @Test
    void clientThatGoesIsNoticed() {
        await().atMost(PATIENCE).until(() -> open() == 0);
        RawConnection gone = connect(CLIENT);
        RawConnection reset = connect(CLIENT);
        RawConnection goneAfterAnother = connect(CLIENT);
        Stream.of(gone, reset, goneAfterAnother)
                .forEach(client -> assertThat(ask(client, REFRESH, 2)).containsOnly(429));

        gone.close();
        reset.reset();
        goneAfterAnother.write(REFRESH).close();

        await().atMost(PATIENCE).until(() -> open() == 0);
    }
}
