package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.portcullis.GatewayFixture;
import io.portcullis.RawConnection;
import io.portcullis.demo.DemoBackend;
import io.portcullis.limit.Overload;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.client.ReactorResourceFactory;

/** An event loop that is held up on purpose: some requests are turned away at once, and nobody any more as soon as it is let go. */
class OverloadGuardIT {
    /** More than a loop lets in, however late it is, in two of its rounds. */
    private static final int CLIENTS_OF_A_LOOP = 100;

    private static final String ME = "GET /api/me HTTP/1.1\r\nHost: a.example\r\nOrigin: https://app.example\r\n\r\n";
    private static final String REFRESH = "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\n"
            + "Origin: https://app.example\r\nContent-Length: 2\r\n\r\n{}";

    /** Later than loops are on a busy machine. */
    private static final Duration DELAY_MAX = Duration.ofSeconds(1);

    private static final long HELD_NANOS = Duration.ofMillis(1_300).toNanos();

    @AutoClose
    private static final GatewayFixture<DemoBackend> world = GatewayFixture.beforeDemo(
            "portcullis.overload.delay-max=" + DELAY_MAX.toMillis() + "ms",
            "portcullis.cors.allowed-origins=https://app.example");

    private final List<RawConnection> clients = new ArrayList<>();
    private volatile boolean isHeld;

    @BeforeEach
    void connectAndAskOnce() {
        for (EventExecutor loop : loops()) {
            for (int i = 0; i < CLIENTS_OF_A_LOOP; i++) {
                clients.add(RawConnection.to(world.gateway().port()));
            }
        }
        assertThat(askInTurn(ME)).allMatch(OverloadGuardIT::isTheBackends);
    }

    @AfterEach
    void letGo() {
        isHeld = false;
        clients.forEach(RawConnection::close);
        await().atMost(Duration.ofSeconds(20)).until(() -> delay().compareTo(DELAY_MAX) < 0);
    }

    private static EventLoopGroup loops() {
        return world.gateway()
                .bean(ReactorResourceFactory.class)
                .getLoopResources()
                .onServer(true);
    }

    private static Duration delay() {
        return world.gateway().bean(Overload.class).delay();
    }

    private static double shed(String kind) {
        return world.gateway()
                .bean(MeterRegistry.class)
                .get("portcullis.overload.shed")
                .tag("kind", kind)
                .counter()
                .count();
    }

    private List<String> askInTurn(String request) {
        return clients.stream().map(client -> answer(client.write(request))).toList();
    }

    /** Whole answers, whose bodies have a length. */
    private List<String> askAll(String request) {
        clients.forEach(client -> client.write(request));
        return clients.stream().map(OverloadGuardIT::answer).toList();
    }

    private static String answer(RawConnection client) {
        String head = client.head();
        int length = Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1"));
        return head + client.text(length);
    }

    /** Keeps one of the loops busy, so that it goes round only now and then, and waits until that is noticed. */
    private void hold() {
        isHeld = true;
        hold(loops().next());
        await().atMost(Duration.ofSeconds(20)).until(() -> delay().compareTo(DELAY_MAX) > 0);
    }

    private void hold(EventExecutor loop) {
        loop.schedule(
                () -> {
                    // Thread.onSpinWait would be blocking to BlockHound
                    long now = System.nanoTime();
                    for (long until = now + HELD_NANOS; now < until; ) {
                        now = System.nanoTime();
                    }
                    if (isHeld) {
                        hold(loop);
                    }
                },
                1,
                TimeUnit.MILLISECONDS);
    }

    @Test
    void someAreTurnedAwayWhileTheLoopIsLateAndNobodyAfterwards() {
        hold();
        clients.forEach(client -> client.write(ME));
        await().atMost(Duration.ofSeconds(20)).until(() -> shed("forwarded") > 0);
        isHeld = false;

        List<String> answers = clients.stream().map(OverloadGuardIT::answer).toList();

        assertThat(answers).allMatch(answer -> isTheBackends(answer) || isTurnedAway(answer));
        assertThat(answers).anyMatch(OverloadGuardIT::isTurnedAway).anyMatch(OverloadGuardIT::isTheBackends);
        assertThat(shed("forwarded"))
                .isEqualTo(
                        answers.stream().filter(OverloadGuardIT::isTurnedAway).count());

        await().atMost(Duration.ofSeconds(20)).until(() -> delay().compareTo(DELAY_MAX) < 0);
        assertThat(askInTurn(ME)).allMatch(OverloadGuardIT::isTheBackends);
    }

    @Test
    void refreshesAreTurnedAwayTooAndTheManagementPortAnswers() {
        hold();

        List<String> answers = askAll(REFRESH);
        HttpResponse<String> health = world.gateway()
                .send(HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + world.gateway().managementPort() + "/actuator/health/readiness")));

        assertThat(answers).allMatch(answer -> answer.startsWith("HTTP/1.1 400 ") || isTurnedAway(answer));
        assertThat(answers).anyMatch(OverloadGuardIT::isTurnedAway);
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(shed("refresh"))
                .isEqualTo(
                        answers.stream().filter(OverloadGuardIT::isTurnedAway).count());
    }

    /** It knows nobody without a token. */
    private static boolean isTheBackends(String answer) {
        return answer.startsWith("HTTP/1.1 401 ");
    }

    private static boolean isTurnedAway(String answer) {
        return answer.startsWith("HTTP/1.1 503 ")
                && answer.matches("(?is).*\\r\\nRetry-After: [123]\\r\\n.*")
                && answer.contains("Content-Type: application/json\r\n")
                && answer.contains("Cache-Control: no-store\r\n")
                && answer.contains("Access-Control-Allow-Origin: https://app.example\r\n")
                && answer.endsWith("{\"error\":\"Service temporarily unavailable, please try again\"}");
    }
}
