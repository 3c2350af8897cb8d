package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that go away before their answer is there. */
class UndeliveredIT {
    private static DemoKeys keys;
    private static DemoBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static String login() {
        HttpResponse<String> login = gateway.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        // refreshed once, so that Redis knows the script
        return Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login)));
    }

    private static double undelivered() {
        Counter counter = gateway.bean(MeterRegistry.class)
                .find("portcullis.undelivered")
                .tag("realm", "dashboard")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    /** Sends a refresh while Redis takes its time, and hangs up before the answer. */
    private static void refreshAndHangUp(String token) throws IOException {
        double before = undelivered();
        gateway.redis().command("CLIENT", "PAUSE", "300", "ALL");
        sendAndHangUp(token);
        await().atMost(Duration.ofSeconds(20)).until(() -> undelivered() > before);
    }

    private static void sendAndHangUp(String token) throws IOException {
        String body = "{\"refreshToken\":\"" + token + "\"}";
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            client.getOutputStream()
                    .write(("POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
        }
    }

    @Test
    void whoSendsTheSameRequestAgainGetsTheSuccessorThatNeverArrived() throws IOException {
        String token = login();

        refreshAndHangUp(token);
        HttpResponse<String> again = gateway.refresh(token);

        assertThat(again.statusCode()).isEqualTo(200);
        String successor = Tokens.refreshToken(again);
        assertThat(Tokens.claims(successor).get("gen").asInt()).isEqualTo(2);
        assertThat(gateway.refresh(successor).statusCode()).isEqualTo(200);
    }

    @Test
    void whoSendsTheRequestAgainBeforeItWasDecidedGetsTheSameAnswer() throws IOException {
        String token = login();

        gateway.redis().command("CLIENT", "PAUSE", "400", "ALL");
        sendAndHangUp(token);
        // time enough to see the first connection closed
        for (int i = 0; i < 10; i++) {
            gateway.get("/api/me");
        }
        HttpResponse<String> again = gateway.refresh(token);

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(again)).statusCode()).isEqualTo(200);
    }

    @Test
    void whatWasDeliveredTheSecondTimeIsNotDeliveredAThirdTime() throws IOException {
        String token = login();

        refreshAndHangUp(token);
        String successor = Tokens.refreshToken(gateway.refresh(token));

        assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(successor).statusCode()).isEqualTo(401);
    }
}
