package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are one too many, and those that get no further than TLS. */
class ClientConnectionsIT {
    private static DemoKeys keys;
    private static ServerKey key;
    private static RawListener backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        key = ServerKey.generate();
        backend = RawListener.start();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                Stream.concat(
                                key.properties().stream(),
                                Stream.of("portcullis.connections.max=2", "portcullis.connections.idle-timeout=3s"))
                        .toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        key.close();
        keys.close();
    }

    @BeforeEach
    void nobodyIsConnected() {
        await().atMost(Duration.ofSeconds(15)).until(() -> open() == 0);
    }

    private static int open() {
        return (int) gateway.bean(MeterRegistry.class)
                .get("portcullis.connections.open")
                .gauge()
                .value();
    }

    private static double refused() {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.connections.refused")
                .counter()
                .count();
    }

    private static boolean isServed() {
        try (Socket tls = key.clientContext().getSocketFactory().createSocket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(tls)) {
            client.write("OPTIONS * HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
            return client.rest().startsWith("HTTP/1.1 204 ");
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndTheOthersGoOn() {
        double before = refused();
        try (RawConnection first = RawConnection.to(gateway.port());
                RawConnection second = RawConnection.to(gateway.port());
                RawConnection third = RawConnection.to(gateway.port())) {
            assertThat(third.endsSoon()).isTrue();
            assertThat(refused()).isEqualTo(before + 1);
            assertThat(List.of(first, second)).allMatch(RawConnection::isSilent);
        }
        await().atMost(Duration.ofSeconds(15)).until(ClientConnectionsIT::isServed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0016\u0003\u0001\u0002"})
    void aHandshakeThatIsNotEndedIsClosed(String beginning) {
        try (RawConnection client = RawConnection.to(gateway.port()).write(beginning)) {
            assertThat(client.endsSoon()).isTrue();
        }
    }

    @Test
    void aConnectionOnWhichNothingFollowsTheHandshakeIsClosed() throws IOException {
        try (Socket tls = key.clientContext().getSocketFactory().createSocket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(tls)) {
            client.write("GET /half");

            assertThat(client.endsSoon()).isTrue();
        }
    }
}
