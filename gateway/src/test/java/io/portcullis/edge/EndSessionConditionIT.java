package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A member's status is set: contract.md, 3, says that sessions end where it becomes {@code suspended}. */
class EndSessionConditionIT {
    private static final String STATUS = "/api/orgs/org_1/users/usr_1/status";

    @AutoClose
    private static final GatewayFixture<RawBackend> FIXTURE = GatewayFixture.beforeRawBackend();

    private final TestGateway gateway = FIXTURE.gateway();
    private final RawBackend backend = FIXTURE.backend();

    /** The refresh token of the member, whose status is set afterwards. */
    private String login() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                FIXTURE.keys().accessTokenKey(),
                "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        answerWith(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}");
        String refreshToken = Tokens.refreshToken(gateway.post("/api/auth/login", "{}"));
        backend.take();
        return refreshToken;
    }

    private void answerWith(int status, String json) {
        backend.answerWith("HTTP/1.1 " + status + " X\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json);
    }

    private RawBackend.Request setStatus(BodyPublisher body, String... headers) {
        answerWith(200, "{}");
        assertThat(gateway.send(gateway.request(STATUS, headers).method("PATCH", body))
                        .statusCode())
                .isEqualTo(200);
        return backend.take();
    }

    private boolean lives(String refreshToken) {
        return gateway.refresh(refreshToken).statusCode() == 200;
    }

    private double unread() {
        return gateway.bean(MeterRegistry.class)
                .counter("portcullis.endings.unread", "realm", "dashboard")
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"status\":\"suspended\"};false",
                "{\"reason\":\"x\",\"status\":\"suspended\"};false",
                "{\"status\":\"active\"};true",
                "{\"status\":\"invited\",\"note\":\"suspended\"};true",
                "{\"role\":\"admin\"};true"
            })
    void sessionsEndOnlyWhereTheStatusBecomesSuspended(String body, boolean lives) {
        String member = login();
        double before = unread();

        assertThat(setStatus(BodyPublishers.ofString(body)).body()).isEqualTo(body);

        assertThat(lives(member)).isEqualTo(lives);
        assertThat(unread()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 304, 400, 403, 409, 500})
    void aSuspensionThatTheBackendRefusedEndsNothing(int status) {
        String member = login();
        backend.answerWith("HTTP/1.1 " + status + " X\r\n" + (status == 304 ? "" : "Content-Length: 0\r\n") + "\r\n");

        gateway.send(gateway.request(STATUS).method("PATCH", BodyPublishers.ofString("{\"status\":\"suspended\"}")));
        backend.take();

        assertThat(lives(member)).isTrue();
    }

    @Test
    void anInterimAnswerEndsNothingByItself() {
        String member = login();
        backend.answerWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n");

        gateway.send(gateway.request(STATUS).method("PATCH", BodyPublishers.ofString("{\"status\":\"suspended\"}")));
        backend.take();

        assertThat(lives(member)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status=active",
                "",
                "[]",
                "{\"status\":\"active\",\"status\":\"suspended\"}",
                "{\"status\":\"active\""
            })
    void whatCannotBeReadEndsSessionsAndIsCounted(String body) {
        String member = login();
        double before = unread();

        assertThat(setStatus(BodyPublishers.ofString(body)).body()).isEqualTo(body);

        assertThat(lives(member)).isFalse();
        assertThat(unread()).isEqualTo(before + 1);
    }

    @Test
    void aCompressedBodyPassesAsItIsAndEndsSessions() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write("{\"status\":\"active\"}".getBytes(StandardCharsets.UTF_8));
        }
        String member = login();

        RawBackend.Request passed =
                setStatus(BodyPublishers.ofByteArray(compressed.toByteArray()), "Content-Encoding", "gzip");

        assertThat(passed.body()).isEqualTo(compressed.toString(StandardCharsets.ISO_8859_1));
        assertThat(lives(member)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyOverTheLimitPassesAsItIsAndEndsSessions(boolean chunked) {
        String body = "{\"status\":\"active\",\"note\":\"" + "n".repeat(1 << 20) + "\"}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String member = login();
        double before = unread();

        RawBackend.Request passed = setStatus(
                chunked
                        ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))
                        : BodyPublishers.ofByteArray(bytes));

        assertThat(passed.body()).isEqualTo(body);
        assertThat(lives(member)).isFalse();
        assertThat(unread()).isEqualTo(before + 1);
    }

    @Test
    void theBackendHasTheFirstHalfOfABodyBeforeTheSecondIsSent() throws IOException {
        String first = "{\"status\":";
        String second = "\"active\"}";
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestGateway own = TestGateway.start(FIXTURE.keys(), "http://127.0.0.1:" + listener.getLocalPort());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), own.port())) {
            write(
                    client,
                    "PATCH " + STATUS + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
                            + (first.length() + second.length()) + "\r\n\r\n" + first);

            try (Socket connection = listener.accept()) {
                connection.setSoTimeout(20_000);
                readUntil(connection, first);
                write(client, second);
                readUntil(connection, second);
                write(connection, "HTTP/1.1 204 No Content\r\n\r\n");
                readUntil(client, "HTTP/1.1 204 ");
            }
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static void readUntil(Socket socket, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("the connection ended after: " + read).isNotNegative();
            read.append((char) next);
        }
    }
}
