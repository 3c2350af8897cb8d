package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawHttp2;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of requests, whatever the method, stream and keep their framing; where there is none, none is sent. */
class RequestBodiesIT {
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";

    private static DemoKeys keys;
    private static RawListener backend;
    private static TestGateway gateway;

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

    private static String framing(String head) {
        return head.lines()
                .filter(line -> line.matches("(?i)(content-length|transfer-encoding):.*"))
                .map(line -> line.toLowerCase(Locale.ROOT))
                .reduce("", String::concat);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH", "PROPFIND"})
    void aBodyArrivesWhileItIsBeingSent(String method) {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write(method + " /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nhello");
                RawConnection accepted = backend.accept()) {
            String head = accepted.head();
            String begun = accepted.text(5);
            client.write("world");

            assertThat(head).startsWith(method + " /up HTTP/1.1\r\n");
            assertThat(framing(head)).isEqualTo("content-length: 10");
            assertThat(begun + accepted.text(5)).isEqualTo("helloworld");
            accepted.write(NO_CONTENT);
            assertThat(client.head()).startsWith("HTTP/1.1 204 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH", "PROPFIND"})
    void aBodyInChunksArrivesWhileItIsBeingSent(String method) {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write(method + " /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "5\r\nhello\r\n");
                RawConnection accepted = backend.accept()) {
            String head = accepted.head();
            String begun = accepted.until("hello\r\n");
            client.write("0\r\n\r\n");

            assertThat(head).startsWith(method + " /up HTTP/1.1\r\n");
            assertThat(framing(head)).isEqualTo("transfer-encoding: chunked");
            assertThat(begun + accepted.until("0\r\n\r\n")).isEqualTo("5\r\nhello\r\n0\r\n\r\n");
            accepted.write(NO_CONTENT);
            assertThat(client.head()).startsWith("HTTP/1.1 204 ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, ''",
        "HEAD, ''",
        "DELETE, ''",
        "OPTIONS, ''",
        "PROPFIND, ''",
        "POST, content-length: 0",
        "PUT, content-length: 0",
        "PATCH, content-length: 0"
    })
    void whereThereIsNoBodyNoneIsSent(String method, String framing) {
        try (RawConnection client =
                        RawConnection.to(gateway.port()).write(method + " /none HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            String head = accepted.head();
            accepted.write(NO_CONTENT);

            assertThat(client.head()).startsWith("HTTP/1.1 204 ");
            assertThat(framing(head)).isEqualTo(framing);
            assertThat(accepted.isSilent()).isTrue();
        }
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            client.begin(RawHttp2.head(method, "/none"), true);
            try (RawConnection accepted = backend.accept()) {
                String head = accepted.head();
                accepted.write(NO_CONTENT);

                assertThat(client.answer().status()).isEqualTo(204);
                assertThat(framing(head)).isEqualTo(framing);
                assertThat(accepted.isSilent()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "POST"})
    void aBodyOverHttp2ArrivesWhileItIsBeingSent(String method) {
        try (RawHttp2 client = RawHttp2.connect(gateway.port())) {
            var stream = client.begin(RawHttp2.head(method, "/up"), false);
            client.data(stream, "hello", false);
            try (RawConnection accepted = backend.accept()) {
                String head = accepted.head();
                String begun = accepted.until("hello\r\n");
                client.data(stream, "world", true);

                assertThat(head).startsWith(method + " /up HTTP/1.1\r\n");
                assertThat(begun + accepted.until("0\r\n\r\n")).isEqualTo("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n");
                accepted.write(NO_CONTENT);
                assertThat(client.answer().status()).isEqualTo(204);
            }
        }
    }

    @Test
    void theNextRequestOnTheConnectionHasItsOwnMethod() {
        try (RawConnection client = RawConnection.to(gateway.port())
                        .write("DELETE /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello"
                                + "GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n");
                RawConnection accepted = backend.accept()) {
            accepted.until("hello");
            accepted.write(NO_CONTENT);

            assertThat(accepted.head()).startsWith("GET /next HTTP/1.1\r\n");
            accepted.write(NO_CONTENT);
            assertThat(client.head()).startsWith("HTTP/1.1 204 ");
        }
    }
}
