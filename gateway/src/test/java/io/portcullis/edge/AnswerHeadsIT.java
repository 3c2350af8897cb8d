package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sees of an answer with a length: all of it, and each piece when it came. PromptHeadsTest has how often is written. */
class AnswerHeadsIT {
    private static final int PIECE = BodyWindow.PIECE_BYTES;

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

    private static String answer(String body, int length) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body;
    }

    @Test
    void answerThatTricklesDoesNotWaitForItsEnd() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(socket)) {
            ask(socket);
            try (RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write(answer("one,", 8));
                assertThat(client.head()).contains("Content-Length: 8");
                assertThat(client.text(4)).isEqualTo("one,");

                accepted.write("two,");

                assertThat(client.text(4)).isEqualTo("two,");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE})
    void bodyOfAnyLengthArrivesWhole(int length) throws IOException {
        String body = "x".repeat(length);
        try (Socket socket = new Socket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(socket)) {
            ask(socket);
            try (RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write(answer(body, length));
                client.head();
                assertThat(client.text(length)).isEqualTo(body);

                // the connection goes on to be used, and so the answer was over
                ask(socket);
                accepted.head();
                accepted.write(answer("next", 4));
                client.head();
                assertThat(client.text(4)).isEqualTo("next");
            }
        }
    }

    @Test
    void answerThatBreaksOffBreaksOffForTheClient() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(socket)) {
            ask(socket);
            try (RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write(answer("half", 8));
                client.head();
                assertThat(client.text(4)).isEqualTo("half");
                accepted.finish();

                assertThat(client.endsSoon()).isTrue();
            }
        }
    }

    private static void ask(Socket client) throws IOException {
        client.getOutputStream()
                .write("GET /thing HTTP/1.1\r\nHost: a.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
}
