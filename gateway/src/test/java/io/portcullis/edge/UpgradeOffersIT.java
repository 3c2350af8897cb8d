package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that would like to speak another protocol from the next message on are served in the one they speak. */
class UpgradeOffersIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @Test
    void theJdksClientWithItsDefaultsUploadsAndRefreshes() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String body = "x".repeat(1_000_000);

        HttpResponse<String> upload = client.send(
                gateway.request("/upload").POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        HttpResponse<String> refresh = HttpClient.newHttpClient()
                .send(
                        gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"refreshToken\":\"a.b\"}"))
                                .build(),
                        BodyHandlers.ofString());

        Request request = backend.take();
        assertThat(upload.statusCode()).isEqualTo(200);
        assertThat(upload.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(request.body()).isEqualTo(body);
        assertThat(request.headers("Upgrade")).isEmpty();
        assertThat(request.headers("HTTP2-Settings")).isEmpty();
        assertThat(request.headers("Connection")).isEmpty();
        assertThat(refresh.statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
                "Upgrade: H2C, foo/2\r\nConnection: upgrade\r\nConnection: HTTP2-Settings\r\nHTTP2-Settings: AA\r\n",
                "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            })
    void aRequestWithABodyIsServedInHttp1(String offer) {
        String answer = RawClient.send(
                gateway.port(),
                "POST /thing HTTP/1.1\r\nHost: a.example\r\n" + offer
                        + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

        Request request = backend.take();
        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(request.body()).isEqualTo("hello");
        assertThat(request.headers("Upgrade")).isEmpty();
        assertThat(request.headers("HTTP2-Settings")).isEmpty();
    }

    @Test
    void anOfferOfWebSocketGoesOnWithoutTheOthers() {
        Request request;
        try (RawConnection client = RawConnection.to(gateway.port())) {
            client.write("GET /socket.io/ HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c, websocket\r\n"
                    + "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            request = backend.take();
        }

        assertThat(request.header("Upgrade")).isEqualToIgnoringCase("websocket");
        assertThat(request.headers("HTTP2-Settings")).isEmpty();
    }
}
