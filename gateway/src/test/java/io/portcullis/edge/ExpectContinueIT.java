package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that wait to be told to go on before they send a body (RFC 9110, 10.1.1), byte by byte. */
class ExpectContinueIT {
    private static final String EXPECT = "Expect: 100-continue\r\nContent-Type: application/json\r\n";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    private static ServerSocket backend;
    private static DemoKeys keys;
    private static TestGateway gateway;

    private Socket client;

    @BeforeAll
    static void start() throws IOException {
        keys = DemoKeys.generate();
        backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        gateway = TestGateway.start(keys, "http://127.0.0.1:" + backend.getLocalPort());
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        backend.close();
        keys.close();
    }

    @BeforeEach
    void connect() throws IOException {
        client = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        client.setSoTimeout(20_000);
    }

    @AfterEach
    void hangUp() throws IOException {
        client.close();
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Reads up to the first empty line, which is a part of it. */
    private static String head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            if (head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aRefreshIsToldToGoOnAndAnswered() throws IOException {
        String body = "{\"refreshToken\":\"a.b\"}";

        write(
                client,
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + body.length()
                        + "\r\n" + EXPECT + "\r\n");
        String first = head(client);
        write(client, body);

        assertThat(first).startsWith("HTTP/1.1 100 ");
        assertThat(rest(client))
                .startsWith("HTTP/1.1 401 ")
                .endsWith("{\"error\":\"Invalid or expired refresh token\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/auth/refresh 413", "/api/auth/refresh/ 404"})
    void whatIsRefusedByItsHeadIsRefusedBeforeItsBodyIsSent(String pathAndStatus) throws IOException {
        String path = pathAndStatus.split(" ")[0];

        write(client, "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n" + EXPECT + "\r\n");

        assertThat(head(client)).startsWith("HTTP/1.1 " + pathAndStatus.split(" ")[1] + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5\r\n|hello", "Transfer-Encoding: chunked\r\n|5\r\nhello\r\n0\r\n\r\n"})
    void anUploadIsToldToGoOnAndArrives(String framingAndBody) throws IOException {
        String[] parts = framingAndBody.split("\\|");
        CompletableFuture<String> arrived = CompletableFuture.supplyAsync(() -> {
            try (Socket connection = backend.accept()) {
                String head = head(connection);
                write(connection, CONTINUE);
                String body = head.toLowerCase().contains("chunked")
                        ? head(connection)
                        : new String(connection.getInputStream().readNBytes(5), StandardCharsets.ISO_8859_1);
                write(connection, "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 4\r\n\r\ndone");
                return body;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        write(
                client,
                "POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + parts[0]
                        + "Expect: 100-continue\r\n\r\n");
        String first = head(client);
        write(client, parts[1]);

        assertThat(first).startsWith("HTTP/1.1 100 ");
        assertThat(rest(client)).startsWith("HTTP/1.1 201 ").endsWith("done");
        assertThat(arrived.join()).contains("hello");
    }

    @ParameterizedTest
    @ValueSource(ints = {413, 417})
    void aBackendThatRefusesWithoutReadingIsHeard(int status) throws IOException {
        CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> {
            try (Socket connection = backend.accept()) {
                String head = head(connection);
                write(connection, "HTTP/1.1 " + status + " No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
                return head;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        write(
                client,
                "POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n"
                        + "Expect: 100-continue\r\n\r\n");
        String answer = head(client);
        if (answer.startsWith("HTTP/1.1 100 ")) {
            answer = head(client);
        }

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(asked.join()).contains("Expect: 100-continue");
    }

    @Test
    void anotherExpectationIsTheBackendsToJudge() throws IOException {
        CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> {
            try (Socket connection = backend.accept()) {
                String head = head(connection);
                write(connection, "HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return head;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        write(client, "GET /thing HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: magic\r\n\r\n");

        assertThat(rest(client)).startsWith("HTTP/1.1 417 ");
        assertThat(asked.join()).contains("Expect: magic");
    }
}
