package io.portcullis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxy does to connections what it is told to do, and nothing else. */
class FaultyProxyTest {
    private ServerSocket echo;
    private FaultyProxy proxy;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread server = new Thread(this::serve, "echo");
        server.setDaemon(true);
        server.start();
        proxy = FaultyProxy.before(echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    /** One connection after the other. */
    private void serve() {
        while (!echo.isClosed()) {
            try (Socket connection = echo.accept()) {
                connection.getInputStream().transferTo(connection.getOutputStream());
            } catch (IOException e) {
                // the next one
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), US_ASCII);
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void oneConnectionIsCutAfterSoManyBytesOfADirection(Direction direction) throws IOException {
        try (Socket socket = connect()) {
            say(socket, "abc");
            assertThat(hear(socket, 3)).isEqualTo("abc");
            proxy.cutOnceAfter(direction, 4, End.FIN);
            say(socket, "defghi");
            String heard = hear(socket, 6);
            // cut on its way to the server, what was passed may come back or not
            assertThat("defg").startsWith(heard);
            assertThat(heard.length()).isGreaterThanOrEqualTo(direction == Direction.TO_CLIENT ? 4 : 0);
        }
        try (Socket socket = connect()) {
            say(socket, "abcdefghi");
            assertThat(hear(socket, 9)).isEqualTo("abcdefghi");
        }
    }

    @Test
    void aResetIsAReset() throws IOException {
        try (Socket socket = connect()) {
            proxy.cutOnceAfter(Direction.TO_CLIENT, 0, End.RST);
            say(socket, "abc");
            assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 3));
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void openConnectionsAreCutNow(End end) throws IOException {
        try (Socket socket = connect()) {
            say(socket, "abc");
            assertThat(hear(socket, 3)).isEqualTo("abc");

            proxy.cutNow(end);

            if (end == End.FIN) {
                assertThat(hear(socket, 1)).isEmpty();
            } else {
                assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 1));
            }
        }
    }

    @Test
    void whatIsSwallowedIsLostAndTheConnectionStays() throws IOException {
        try (Socket socket = connect()) {
            proxy.swallowAfter(Direction.TO_SERVER, 3);
            say(socket, "abcdef");
            assertThat(hear(socket, 3)).isEqualTo("abc");
            proxy.behave();
            say(socket, "g");

            assertThat(hear(socket, 1)).isEqualTo("g");
        }
    }

    @Test
    void dataIsKeptForAWhile() throws IOException {
        try (Socket socket = connect()) {
            proxy.delay(Duration.ofMillis(50));
            long start = System.nanoTime();
            say(socket, "abc");

            assertThat(hear(socket, 3)).isEqualTo("abc");
            // once in either direction; a busy machine only makes it longer
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(100_000_000);
        }
    }

    @Test
    void newConnectionsAreRefused() throws IOException {
        proxy.refuse();
        try (Socket socket = connect()) {
            assertThatExceptionOfType(SocketException.class).isThrownBy(() -> hear(socket, 1));
        }
        assertThat(proxy.accepted()).isEqualTo(1);
    }
}
