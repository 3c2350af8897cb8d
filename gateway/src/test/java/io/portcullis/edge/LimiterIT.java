package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.redis.CommandsSeen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * A client or a session that loops, and the others beside it. Each test has addresses of its own; buckets are filled so slowly
 * that none is filled in a test. Proxies are at 127.0.1.0/24.
 */
class LimiterIT {
    private static final int PER_ADDRESS = 10;
    private static final int PER_SESSION = 5;
    private static final String JUNK = "{\"refreshToken\":\"a.b.c\"}";

    @AutoClose
    private static final GatewayFixture<DemoBackend> world = GatewayFixture.beforeDemo(
            "portcullis.refresh.limit.per-address=1",
            "portcullis.refresh.limit.address-burst=" + PER_ADDRESS,
            "portcullis.refresh.limit.per-session=1",
            "portcullis.refresh.limit.session-burst=" + PER_SESSION,
            "portcullis.forwarded.trusted-proxies=127.0.1.0/24");

    private static final TestGateway gateway = world.gateway();

    private static String send(String from, String body, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return RawClient.sendFrom(
                from,
                gateway.port(),
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + lines
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }

    private static List<Integer> statuses(int requests, String from, String body, String... headers) {
        return Stream.generate(() -> status(send(from, body, headers)))
                .limit(requests)
                .toList();
    }

    private static void exhaust(String from, String... headers) {
        assertThat(statuses(PER_ADDRESS, from, JUNK, headers)).containsOnly(401);
        assertThat(status(send(from, JUNK, headers))).isEqualTo(429);
    }

    private static double counted(String kind) {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.limited")
                .tag("kind", kind)
                .counter()
                .count();
    }

    private static String body(String token) {
        return "{\"refreshToken\":\"" + token + "\"}";
    }

    @Test
    @SecurityLine(32)
    void answerIsTheContracts() {
        exhaust("127.0.0.2");
        double before = counted("address");

        String answer = send("127.0.0.2", JUNK);

        assertThat(answer)
                .startsWith("HTTP/1.1 429 ")
                .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                .containsIgnoringCase("\r\nCache-Control: no-store\r\n")
                .containsPattern("(?i)\r\nRetry-After: ([1-9]|[1-5]\\d|60)\r\n")
                .containsIgnoringCase("\r\nRateLimit-Limit: " + PER_ADDRESS + "\r\n")
                .containsIgnoringCase("\r\nRateLimit-Remaining: 0\r\n")
                .containsPattern("(?i)\r\nRateLimit-Reset: ([1-9]|[1-5]\\d|60)\r\n")
                .matches("(?s).*\r\n\r\n\\{\"error\":\"Too many requests, please try again later\\.\",\"retryAfter\":"
                        + "([1-9]|[1-5]\\d|60)}");
        assertThat(counted("address")).isEqualTo(before + 1);
    }

    @Test
    void answerIsTheDescribedOne() {
        // the fixture's client checks each answer against openapi.yaml
        String token = world.login();
        List<HttpResponse<String>> answers = Stream.generate(() -> gateway.refresh(token))
                .limit(PER_ADDRESS + 1)
                .toList();

        HttpResponse<String> last = answers.get(PER_ADDRESS);
        assertThat(last.statusCode()).isEqualTo(429);
        assertThat(last.body())
                .endsWith("\"retryAfter\":"
                        + last.headers().firstValue("Retry-After").orElseThrow() + "}");
        assertThat(last.headers().firstValue("RateLimit-Reset"))
                .isEqualTo(last.headers().firstValue("Retry-After"));
    }

    @Test
    void anotherAddressIsServedBesideOneThatLoops() {
        exhaust("127.0.0.6");

        assertThat(status(send("127.0.0.7", body(world.login())))).isEqualTo(200);
        assertThat(status(send("127.0.0.6", body(world.login())))).isEqualTo(429);
    }

    @Test
    void limitedTokenIsAsGoodAsBefore() {
        String token = world.login();
        exhaust("127.0.0.8");

        assertThat(status(send("127.0.0.8", body(token)))).isEqualTo(429);
        assertThat(status(send("127.0.0.9", body(token)))).isEqualTo(200);
    }

    @Test
    void strangerCannotSayThatHeIsAnother() {
        exhaust("127.0.0.10");

        assertThat(status(send("127.0.0.10", JUNK, "X-Forwarded-For: 203.0.113.1")))
                .isEqualTo(429);
        assertThat(status(send("127.0.0.10", JUNK, "Forwarded: for=203.0.113.1")))
                .isEqualTo(429);
        assertThat(status(send("127.0.1.1", JUNK, "X-Forwarded-For: 203.0.113.1")))
                .isEqualTo(401);
    }

    @Test
    void clientsBehindAProxyAreCountedEachForItself() {
        exhaust("127.0.1.2", "X-Forwarded-For: 203.0.113.2");

        assertThat(status(send("127.0.1.2", JUNK, "X-Forwarded-For: 6.6.6.6, 203.0.113.2")))
                .isEqualTo(429);
        assertThat(status(send("127.0.1.3", JUNK, "X-Forwarded-For: 203.0.113.2")))
                .isEqualTo(429);
        assertThat(status(send("127.0.1.2", JUNK, "X-Forwarded-For: 203.0.113.3")))
                .isEqualTo(401);
    }

    @Test
    void addressesOfAnIpv6NetworkAreOneClient() {
        exhaust("127.0.1.4", "X-Forwarded-For: 2001:db8:0:1::1");

        assertThat(status(send("127.0.1.4", JUNK, "X-Forwarded-For: 2001:db8:0:1:ffff::2")))
                .isEqualTo(429);
        assertThat(status(send("127.0.1.4", JUNK, "X-Forwarded-For: 2001:db8:0:2::1")))
                .isEqualTo(401);
    }

    @Test
    void whatIsNoRequestForARefreshCountsToo() {
        assertThat(statuses(PER_ADDRESS, "127.0.0.11", "{}")).containsOnly(400);

        assertThat(status(send("127.0.0.11", "{}"))).isEqualTo(429);
    }

    @Test
    void junkCostsNoCommandOfRedisBeforeOrAfter() {
        String token = world.login();
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        exhaust("127.0.0.12");
        assertThat(statuses(20, "127.0.0.12", body(token))).containsOnly(429);

        assertThat(commands.end()).isEmpty();
    }

    @Test
    @SecurityLine(38)
    void sessionIsLimitedWhereverItsTokenComesFrom() {
        String token = world.login();
        String other = world.login();
        assertThat(status(send("127.0.0.21", body(token)))).isEqualTo(200);
        assertThat(statuses(PER_SESSION - 1, "127.0.0.22", body(token))).containsOnly(401);
        double counted = counted("session");
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        String answer = send("127.0.0.23", body(token));

        assertThat(answer)
                .startsWith("HTTP/1.1 429 ")
                .containsIgnoringCase("\r\nRateLimit-Limit: " + PER_SESSION + "\r\n");
        assertThat(commands.end()).isEmpty();
        assertThat(counted("session")).isEqualTo(counted + 1);
        assertThat(status(send("127.0.0.23", body(other)))).isEqualTo(200);
    }

    @Test
    void forgedTokenDoesNotCountForTheSession() {
        String token = world.login();
        String forged = token.substring(0, token.length() - 6) + "AAAAAA";
        assertThat(statuses(PER_SESSION + 1, "127.0.0.24", body(forged))).containsOnly(401);

        assertThat(status(send("127.0.0.25", body(token)))).isEqualTo(200);
    }

    @Test
    void connectionGoesOnAfterABodyThatArrivesLate() throws IOException {
        exhaust("127.0.0.13");
        String head = "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + JUNK.length() + "\r\n\r\n";
        InetAddress from = InetAddress.getByName("127.0.0.13");

        try (RawConnection connection =
                RawConnection.over(new Socket(InetAddress.getLoopbackAddress(), gateway.port(), from, 0))) {
            for (int request = 0; request < 3; request++) {
                connection.write(head);
                connection.write(JUNK);

                assertThat(status(connection.head())).isEqualTo(429);
                assertThat(connection.until("}")).contains("Too many requests");
            }
        }
    }

    @Test
    void everythingElseIsForwardedForAClientThatIsLimited() {
        exhaust("127.0.0.26");

        String answer = RawClient.sendFrom(
                "127.0.0.26", gateway.port(), "GET /api/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assertThat(status(answer)).isEqualTo(401);
        assertThat(answer).contains("Invalid token.");
    }
}
