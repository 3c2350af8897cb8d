package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clients that go away before their answer is there. */
class UndeliveredIT {
    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    private static final TestGateway gateway = FIXTURE.gateway();

    private static String login() {
        // refreshed once, so that Redis knows the script
        return Tokens.refreshToken(gateway.refresh(FIXTURE.login()));
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
    @SecurityLine(15)
    void whatWasDeliveredTheSecondTimeIsNotDeliveredAThirdTime() throws IOException {
        String token = login();

        refreshAndHangUp(token);
        String successor = Tokens.refreshToken(gateway.refresh(token));

        assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(successor).statusCode()).isEqualTo(401);
    }

    @Test
    @SecurityLine(15)
    void undeliveredCannotBeProvokedIntoTwoDifferentSuccessors() throws IOException {
        String token = login();

        refreshAndHangUp(token);
        refreshAndHangUp(token);
        // each is a request of its own, and only one of them is the one that was sent again
        List<HttpResponse<String>> answers =
                Stream.generate(() -> CompletableFuture.supplyAsync(() -> gateway.refresh(token)))
                        .limit(20)
                        .toList()
                        .stream()
                        .map(CompletableFuture::join)
                        .toList();

        Set<String> successors = answers.stream()
                .filter(answer -> answer.statusCode() == 200)
                .map(Tokens::refreshToken)
                .collect(Collectors.toSet());
        assertThat(successors).hasSize(1);
        assertThat(Tokens.claims(successors.iterator().next()).get("gen").asInt())
                .isEqualTo(2);
        assertThat(answers).anyMatch(answer -> answer.statusCode() == 401);
        assertThat(gateway.refresh(successors.iterator().next()).statusCode()).isEqualTo(401);
    }
}
