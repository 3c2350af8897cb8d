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
import java.util.function.IntFunction;
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
    private static final String PREFLIGHT = "OPTIONS /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\n"
            + "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n\r\n";

    /** Fewer than a loop lets in, however late it is. */
    private static final int OTHERS = 20;

    /** How many refreshes an address may send; another one a minute later. */
    private static final int BURST = 10;

    /** Later than loops are on a busy machine. */
    private static final Duration DELAY_MAX = Duration.ofSeconds(1);

    private static final long HELD_NANOS = Duration.ofMillis(1_300).toNanos();

    @AutoClose
    private static final GatewayFixture<DemoBackend> world = GatewayFixture.beforeDemo(
            "portcullis.overload.delay-max=" + DELAY_MAX.toMillis() + "ms",
            "portcullis.cors.allowed-origins=https://app.example",
            "portcullis.forwarded.trusted-proxies=127.0.0.1",
            "portcullis.refresh.limit.per-address=1",
            "portcullis.refresh.limit.address-burst=" + BURST);

    /** A request that knows no token, of that client's address behind a proxy. */
    private static String refresh(String address) {
        return "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: " + address
                + "\r\nOrigin: https://app.example\r\nContent-Length: 2\r\n\r\n{}";
    }

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

    /** Whole answers, whose bodies have a length, to what each client asks. */
    private List<String> askAll(IntFunction<String> request) {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).write(request.apply(i));
        }
        return clients.stream().map(OverloadGuardIT::answer).toList();
    }

    /** So many ask the same before others refresh, each from an address of its own. */
    private List<String> askAllBeforeOthersRefresh(String request) {
        int first = clients.size() - OTHERS;
        return askAll(i -> i < first ? request : refresh("203.0.113." + (i - first)));
    }

    private static String answer(RawConnection client) {
        String head = client.head();
        if (head.startsWith("HTTP/1.1 204 ")) {
            return head;
        }
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
        double shed = shed("forwarded");
        hold();
        clients.forEach(client -> client.write(ME));
        await().atMost(Duration.ofSeconds(20)).until(() -> shed("forwarded") > shed);
        isHeld = false;

        List<String> answers = clients.stream().map(OverloadGuardIT::answer).toList();

        assertThat(answers).allMatch(answer -> isTheBackends(answer) || isTurnedAway(answer));
        assertThat(answers).anyMatch(OverloadGuardIT::isTurnedAway).anyMatch(OverloadGuardIT::isTheBackends);
        assertThat(shed("forwarded") - shed)
                .isEqualTo(
                        answers.stream().filter(OverloadGuardIT::isTurnedAway).count());

        await().atMost(Duration.ofSeconds(20)).until(() -> delay().compareTo(DELAY_MAX) < 0);
        assertThat(askInTurn(ME)).allMatch(OverloadGuardIT::isTheBackends);
    }

    @Test
    void refreshesAreTurnedAwayTooAndTheManagementPortAnswers() {
        double shed = shed("refresh");
        hold();

        List<String> answers = askAll(i -> refresh("2001:db8:" + i + "::"));
        HttpResponse<String> health = world.gateway()
                .send(HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + world.gateway().managementPort() + "/actuator/health/readiness")));

        assertThat(answers).allMatch(answer -> isBadRequest(answer) || isTurnedAway(answer));
        assertThat(answers).anyMatch(OverloadGuardIT::isTurnedAway);
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(shed("refresh") - shed)
                .isEqualTo(
                        answers.stream().filter(OverloadGuardIT::isTurnedAway).count());
    }

    @Test
    void floodOfOneAddressTurnsNoOtherAway() {
        double shed = shed("refresh");
        hold();

        List<String> answers = askAllBeforeOthersRefresh(refresh("198.51.100.1"));
        List<String> flood = answers.subList(0, answers.size() - OTHERS);

        assertThat(answers.subList(flood.size(), answers.size())).allMatch(OverloadGuardIT::isBadRequest);
        assertThat(flood).allMatch(answer -> isBadRequest(answer) || isLimited(answer));
        assertThat(flood.stream().filter(OverloadGuardIT::isBadRequest)).hasSize(BURST);
        assertThat(shed("refresh")).isEqualTo(shed);
    }

    @Test
    void whatIsNoRefreshTakesNoTurnOfOne() {
        hold();

        List<String> answers = askAllBeforeOthersRefresh(
                "GET /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\n" + "Origin: https://app.example\r\n\r\n");
        List<String> flood = answers.subList(0, answers.size() - OTHERS);

        assertThat(answers.subList(flood.size(), answers.size())).allMatch(OverloadGuardIT::isBadRequest);
        assertThat(flood).allMatch(answer -> answer.startsWith("HTTP/1.1 405 ") || isTurnedAway(answer));
        assertThat(flood).anyMatch(OverloadGuardIT::isTurnedAway);
    }

    @Test
    void preflightsAreAnswered() {
        hold();

        assertThat(askAll(i -> PREFLIGHT))
                .allMatch(answer -> answer.startsWith("HTTP/1.1 204 ") && isReadableByThePage(answer));
    }

    /** Nobody has a token. */
    private static boolean isBadRequest(String answer) {
        return answer.startsWith("HTTP/1.1 400 ");
    }

    private static boolean isLimited(String answer) {
        return answer.startsWith("HTTP/1.1 429 ")
                && answer.contains("RateLimit-Remaining: 0\r\n")
                && isReadableByThePage(answer);
    }

    private static boolean isReadableByThePage(String answer) {
        return answer.contains("Access-Control-Allow-Origin: https://app.example\r\n");
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
                && isReadableByThePage(answer)
                && answer.endsWith("{\"error\":\"Service temporarily unavailable, please try again\"}");
    }
}
