package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the connections to a backend do when it goes away, and when the client does. */
class BackendConnectionsIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int A_WHILE_MS = 300;

    private static DemoKeys keys;
    private static RawListener backend;
    private static TestGateway gateway;

    private RawConnection client;

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

    @BeforeEach
    void connect() {
        client = RawConnection.to(gateway.port());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private void ask(String method, String... headers) {
        client.write(method + " /thing HTTP/1.1\r\nHost: a.example\r\n"
                + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n");
    }

    private String answer() {
        String head = client.head();
        return head.startsWith("HTTP/1.1 200 ") ? head + client.text(2) : head;
    }

    /** A connection to the backend that has served one request and waits in the pool. */
    private RawConnection pooled() {
        ask("GET");
        RawConnection pooled = backend.accept();
        pooled.head();
        pooled.write(OK);
        answer();
        return pooled;
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther() {
        try (RawConnection pooled = pooled()) {
            ask("POST", "Content-Length: 3");
            client.write("abc");

            assertThat(pooled.head()).startsWith("POST /thing ");
            assertThat(pooled.text(3)).isEqualTo("abc");
            pooled.write(OK);
            assertThat(answer()).endsWith("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
    void aRequestThatMayBeRepeatedIsWhenItsPooledConnectionDies(String method) {
        for (boolean reset : new boolean[] {false, true}) {
            RawConnection pooled = pooled();
            ask(method, "Content-Length: 0");
            pooled.head();
            end(pooled, reset);

            try (RawConnection second = backend.accept()) {
                assertThat(second.head()).startsWith(method + " /thing ");
                second.write("HTTP/1.1 204 No Content\r\n\r\n");
                assertThat(answer()).startsWith("HTTP/1.1 204 ");
            }
        }
    }

    @Test
    void itIsRepeatedOnceAndNotOnANewConnectionThatDies() {
        RawConnection pooled = pooled();
        ask("GET");
        pooled.head();
        pooled.close();
        RawConnection second = backend.accept();
        second.head();
        second.close();

        assertThat(answer()).startsWith("HTTP/1.1 502 ");
        assertThat(backend.isLeftAloneFor(A_WHILE_MS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH", "PUT"})
    void aRequestWithABodyIsNotRepeated(String method) {
        for (boolean reset : new boolean[] {false, true}) {
            client = RawConnection.to(gateway.port());
            RawConnection pooled = pooled();
            ask(method, "Content-Length: 3");
            client.write("abc");
            pooled.head();
            pooled.read(3);
            end(pooled, reset);

            assertThat(answer()).startsWith("HTTP/1.1 502 ");
            assertThat(backend.isLeftAloneFor(A_WHILE_MS)).isTrue();
            client.close();
        }
    }

    @Test
    void aPostWithoutABodyIsNotRepeated() {
        RawConnection pooled = pooled();
        ask("POST", "Content-Length: 0");
        pooled.head();
        pooled.close();

        assertThat(answer()).startsWith("HTTP/1.1 502 ");
        assertThat(backend.isLeftAloneFor(A_WHILE_MS)).isTrue();
    }

    private static void end(RawConnection connection, boolean reset) {
        if (reset) {
            connection.reset();
        } else {
            connection.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aBackendThatWasRestartedIsAskedOnANewConnection(String method) {
        RawConnection pooled = pooled();
        int port = backend.port();
        backend.close();
        pooled.finish();
        pooled.close();
        backend = RawListener.startAt(port);

        ask(method, "Content-Length: 0");
        try (RawConnection second = backend.accept()) {
            assertThat(second.head()).startsWith(method + " /thing ");
            second.write(OK);
            assertThat(answer()).endsWith("ok");
        }
    }

    @Test
    void anAnswerThatBreaksOffBreaksOffForTheClient() {
        ask("GET");
        RawConnection accepted = backend.accept();
        accepted.head();
        accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").close();

        assertThat(client.rest()).endsWith("\r\n\r\nabc");
        assertThat(backend.isLeftAloneFor(A_WHILE_MS)).isTrue();
    }

    @Test
    void aClientThatLeavesWhileTheBackendThinksEndsTheCall() {
        ask("POST", "Content-Length: 3");
        client.write("abc");
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.read(3);
            client.close();

            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void aClientThatLeavesWhileTheBackendAnswersEndsTheCall() {
        ask("GET");
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            client.head();
            client.text(8);
            client.close();

            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void aClientThatLeavesWhileItSendsEndsTheCall() {
        ask("POST", "Content-Length: 1000000");
        client.write("abc");
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.read(3);
            client.close();

            assertThat(accepted.endsSoon()).isTrue();
        }
    }
}
