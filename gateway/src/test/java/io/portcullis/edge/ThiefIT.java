package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Somebody has copied a refresh token, uses it, and breaks his connection off in the hope that the gateway takes the answer
 * for undelivered, lets the victim have the same one, and so never tells the two apart. The realm is strict.
 */
class ThiefIT {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)\r\n");
    private static final Pattern REFRESH_TOKEN = Pattern.compile("\"refreshToken\":\"([^\"]+)\"");

    @AutoClose
    private static final GatewayFixture<RawBackend> FIXTURE = GatewayFixture.beforeRawBackend();

    private final TestGateway gateway = FIXTURE.gateway();

    private String login() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                FIXTURE.keys().accessTokenKey(),
                "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String answer = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        FIXTURE.backend()
                .answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + answer.length()
                        + "\r\n\r\n" + answer);
        return Tokens.refreshToken(gateway.post("/api/auth/login", "{}"));
    }

    /** Sends a refresh, reads the answer to its last byte, and resets the connection. */
    private String readAndReset(String token) throws IOException {
        StringBuilder head = new StringBuilder();
        byte[] body;
        try (Socket connection = new Socket()) {
            connection.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
            connection.setSoTimeout(20_000);
            connection.getOutputStream().write(RefreshClient.Raw.request(token).getBytes(ISO_8859_1));
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = connection.getInputStream().read();
                assertThat(next).isNotNegative();
                head.append((char) next);
            }
            Matcher length = LENGTH.matcher(head);
            assertThat(length.find()).isTrue();
            body = connection.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
            connection.setSoLinger(true, 0);
        }
        // time enough to see the connection reset
        for (int i = 0; i < 20; i++) {
            gateway.get("/api/me");
        }
        return head + new String(body, ISO_8859_1);
    }

    private static String refreshToken(String answer) {
        Matcher token = REFRESH_TOKEN.matcher(answer);
        assertThat(token.find()).isTrue();
        return token.group(1);
    }

    @Test
    @SecurityLine(7)
    void aThiefWhoResetsConnectionsAfterReadingTheAnswerIsCaughtWithinOneCycle() throws IOException {
        String stolen = login();

        String thiefs = refreshToken(readAndReset(stolen));

        assertThat(gateway.refresh(stolen).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(thiefs).statusCode()).isEqualTo(401);
    }

    @Test
    @SecurityLine(7)
    void aThiefWhoComesSecondIsCaughtAtOnce() throws IOException {
        String stolen = login();
        String victims = Tokens.refreshToken(gateway.refresh(stolen));

        assertThat(readAndReset(stolen)).startsWith("HTTP/1.1 401 ");

        assertThat(gateway.refresh(victims).statusCode()).isEqualTo(401);
    }
}
