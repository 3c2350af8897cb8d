package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Time-outs of routes, and what happens when all connections to a backend are in use. */
class BackendLimitsIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    private static DemoKeys keys;
    private static RawListener backend;
    private static ServerSocket full;
    private static List<Socket> waiting;
    private static TestGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        keys = DemoKeys.generate();
        backend = RawListener.start();
        full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        waiting = fill(full);
        String routes = "spring.cloud.gateway.server.webflux.routes";
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "spring.cloud.gateway.server.webflux.httpclient.pool.max-connections=1",
                "spring.cloud.gateway.server.webflux.httpclient.pool.acquire-timeout=1000",
                routes + "[0].id=quick",
                routes + "[0].uri=" + backend.uri(),
                routes + "[0].predicates[0]=Path=/quick",
                routes + "[0].metadata.response-timeout=300",
                routes + "[1].id=unreachable",
                routes + "[1].uri=http://127.0.0.1:" + full.getLocalPort(),
                routes + "[1].predicates[0]=Path=/unreachable",
                routes + "[1].metadata.connect-timeout=300",
                routes + "[2].id=everything-else",
                routes + "[2].uri=" + backend.uri(),
                routes + "[2].predicates[0]=Path=/**");
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        for (Socket socket : waiting) {
            socket.close();
        }
        full.close();
        backend.close();
        keys.close();
    }

    /** Connects until the kernel answers nobody any more. */
    private static List<Socket> fill(ServerSocket listener) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            while (true) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()), 200);
            }
        } catch (SocketTimeoutException e) {
            return sockets;
        }
    }

    private static RawConnection ask(String path) {
        return RawConnection.to(gateway.port())
                .write("GET " + path + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    }

    @Test
    void aRouteThatSetsATimeoutEndsTheCallAfterIt() {
        try (RawConnection client = ask("/quick");
                RawConnection accepted = backend.accept()) {
            accepted.head();

            assertThat(client.rest())
                    .startsWith("HTTP/1.1 504 ")
                    .endsWith("{\"error\":\"The service did not answer in time\"}");
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void aRouteThatSetsNoneWaitsAsLongAsItsClient() {
        try (RawConnection polling = ask("/poll");
                RawConnection polled = backend.accept()) {
            polled.head();
            try (RawConnection unreachable = ask("/unreachable")) {
                // by then the other's time-outs would be over
                unreachable.rest();
            }
            boolean isUndecided = polling.isSilent();
            polled.write(OK);

            assertThat(isUndecided).isTrue();
            assertThat(polling.rest()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }
    }

    @Test
    void aBackendThatTakesNoConnectionIsLate() {
        try (RawConnection client = ask("/unreachable")) {
            assertThat(client.rest()).startsWith("HTTP/1.1 504 ");
        }
    }

    @Test
    void requestsWaitForAConnectionButNotTooManyAndNotForLong() {
        try (RawConnection first = ask("/first");
                RawConnection accepted = backend.accept()) {
            accepted.head();
            try (RawConnection second = ask("/second");
                    RawConnection third = ask("/third")) {
                String late = second.rest();
                String refused = third.rest();

                assertThat(List.of(late, refused))
                        .allSatisfy(answer -> assertThat(answer)
                                .startsWith("HTTP/1.1 503 ")
                                .containsIgnoringCase("\r\nRetry-After: 1\r\n")
                                .endsWith("{\"error\":\"Service temporarily unavailable, please try again\"}"));
            }
            accepted.write(OK);
            assertThat(first.rest()).endsWith("ok");
        }
    }

    @Test
    void webSocketsTakeNoConnectionOfThePool() {
        String asks = "GET /socket HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        try (RawConnection client = RawConnection.to(gateway.port()).write(asks);
                RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
            client.head();
            try (RawConnection plain = ask("/plain");
                    RawConnection other = backend.accept()) {
                other.head();
                other.write(OK);

                assertThat(plain.rest()).endsWith("ok");
            }
        }
    }
}
