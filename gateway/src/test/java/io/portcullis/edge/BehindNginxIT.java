package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.portcullis.FaultyProxy;
import io.portcullis.GatewayFixture;
import io.portcullis.Nginx;
import io.portcullis.Nginx.Way;
import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.SecurityLine;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.operations.CapturedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The gateway behind nginx, which ends TLS and the PROXY protocol and is trusted at 127.0.1.0/24: whoever asks for the client's
 * address, backend, limiter or operator, is told the one that the client connected from.
 */
class BehindNginxIT {
    private static final int BURST = 5;
    private static final String JUNK = "{\"refreshToken\":\"a.b.c\"}";

    private static ServerKey key;
    private static GatewayFixture<RawBackend> world;
    private static TestGateway gateway;
    private static RawBackend backend;
    private static Nginx nginx;

    @BeforeAll
    static void start() {
        key = ServerKey.generate();
        world = GatewayFixture.beforeRawBackend(
                "portcullis.forwarded.trusted-proxies=127.0.1.0/24",
                "portcullis.refresh.limit.per-address=1",
                "portcullis.refresh.limit.address-burst=" + BURST);
        gateway = world.gateway();
        backend = world.backend();
        nginx = Nginx.start(gateway.port(), key);
    }

    @AfterAll
    static void stop() {
        nginx.close();
        world.close();
        key.close();
    }

    private static String send(Way way, String from, String request) {
        try (RawConnection connection = nginx.connect(way, from)) {
            return connection.write(request).rest();
        }
    }

    private static Request forwarded(Way way, String from, String before, String... headers) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        send(way, from, before + request("GET / HTTP/1.1", "", headers));
        return backend.take();
    }

    private static String request(String line, String body, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return line + "\r\nHost: api.example:8443\r\nConnection: close\r\n" + lines
                + (body.isEmpty() ? "" : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n")
                + "\r\n" + body;
    }

    private static int refresh(Way way, String from, String body, String... headers) {
        String answer = send(way, from, request("POST /api/auth/refresh HTTP/1.1", body, headers));
        return Integer.parseInt(answer.substring(9, 12));
    }

    private static void assertTold(Request request, String client, Way way) {
        assertThat(request.headers("X-Forwarded-For")).containsExactly(client);
        assertThat(request.headers("X-Real-IP")).containsExactly(client);
        assertThat(request.headers("X-Forwarded-Proto")).containsExactly(way == Way.TLS ? "https" : "http");
        assertThat(request.headers("X-Forwarded-Host")).containsExactly("api.example:8443");
        assertThat(request.headers("X-Forwarded-Port")).containsExactly(Integer.toString(nginx.port(way)));
        assertThat(request.headers("Host")).containsExactly("api.example:8443");
        assertThat(request.headers()).noneMatch(header -> header.contains("6.6.6."));
    }

    @ParameterizedTest
    @EnumSource(names = {"APPEND", "OVERWRITE", "TLS"})
    void clientIsTheOneThatConnected(Way way) {
        assertTold(forwarded(way, "127.0.0.7", ""), "127.0.0.7", way);
        assertTold(forwarded(way, "127.0.0.8", ""), "127.0.0.8", way);
    }

    @ParameterizedTest
    @EnumSource(names = {"APPEND", "OVERWRITE", "TLS"})
    void clientCannotSayThatItIsAnother(Way way) {
        Request request = forwarded(
                way,
                "127.0.0.7",
                "",
                "X-Forwarded-For: 6.6.6.6, 127.0.1.9",
                "x-forwarded-for: 6.6.6.7",
                "X_Forwarded_For: 6.6.6.8",
                "X-Forwarded-Proto: gopher",
                "X-Forwarded-Host: 6.6.6.6",
                "X-Forwarded-Port: 6666",
                "X-Forwarded: for=6.6.6.6",
                "X-Original-Forwarded-For: 6.6.6.6",
                "Forwarded: for=6.6.6.6;proto=https",
                "X-Real-IP: 6.6.6.6",
                "X-Client-IP: 6.6.6.6",
                "X-Cluster-Client-IP: 6.6.6.6",
                "X-Envoy-External-Address: 6.6.6.6",
                "True-Client-IP: 6.6.6.6",
                "Fastly-Client-IP: 6.6.6.6",
                "CF-Connecting-IP: 6.6.6.6",
                "Connection: X-Forwarded-For, X-Real-IP");

        assertTold(request, "127.0.0.7", way);
    }

    @ParameterizedTest
    @CsvSource({"127.0.1.9", "127.0.0.1", "unknown", "''"})
    @SecurityLine(36)
    void clientCannotSayThatItIsAProxy(String said) {
        assertTold(forwarded(Way.APPEND, "127.0.0.7", "", "X-Forwarded-For: " + said), "127.0.0.7", Way.APPEND);
        assertTold(forwarded(Way.OVERWRITE, "127.0.0.7", "", "X-Forwarded-For: " + said), "127.0.0.7", Way.OVERWRITE);
    }

    /** Why only proxies' addresses are to be trusted, and no range that clients are in: a node's behind SNAT, other pods'. */
    @ParameterizedTest
    @CsvSource({"APPEND, 6.6.6.6", "TLS, 6.6.6.6", "OVERWRITE, 127.0.1.9"})
    void clientWithATrustedAddressIsBelievedWhereTheProxyAppends(Way way, String told) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        send(way, "127.0.1.9", request("GET / HTTP/1.1", "", "X-Forwarded-For: 6.6.6.6"));

        assertThat(backend.take().headers("X-Forwarded-For")).containsExactly(told);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.2.1 | PROXY TCP4 203.0.113.5 127.0.0.1 61234 443 | 203.0.113.5",
                "127.0.2.1 | PROXY UNKNOWN | 127.0.2.1",
                "127.0.0.7 | PROXY TCP4 6.6.6.6 127.0.0.1 61234 443 | 127.0.0.7"
            })
    void clientOfALoadBalancerIsTheOneInThePeersProxyLine(String from, String line, String client) {
        assertTold(forwarded(Way.PROXY, from, line + "\r\n", "X-Forwarded-For: 6.6.6.6"), client, Way.PROXY);
    }

    @Test
    void proxyProtocolMayBeItsSecondVersion() {
        String signature = "\r\n\r\n\0\r\nQUIT\n";
        // PROXY, TCP over IPv4, twelve bytes: 203.0.113.7 and 127.0.0.1, ports 61234 and 443
        String header = signature + "\u0021\u0011\0\u000c" + "\u00cb\0\u0071\u0007" + "\u007f\0\0\u0001"
                + "\u00ef\u0032" + "\u0001\u00bb";

        assertTold(forwarded(Way.PROXY, "127.0.2.1", header), "203.0.113.7", Way.PROXY);
        assertTold(forwarded(Way.PROXY, "127.0.0.7", header), "127.0.0.7", Way.PROXY);
    }

    @Test
    void gatewayItselfDoesNotSpeakTheProxyProtocol() {
        String answer = RawClient.send(
                gateway.port(), "PROXY TCP4 6.6.6.6 127.0.0.1 61234 443\r\n" + request("GET / HTTP/1.1", ""));

        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThat(backend.waiting()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"APPEND, 127.0.0.21, 127.0.0.22", "OVERWRITE, 127.0.0.23, 127.0.0.24", "TLS, 127.0.0.25, 127.0.0.26"})
    void limiterCountsTheClient(Way way, String loops, String other) {
        List<Integer> statuses = Stream.iterate(1, i -> i + 1)
                .limit(BURST + 2)
                .map(i -> refresh(way, loops, JUNK, "X-Forwarded-For: 203.0.113." + i, "X-Real-IP: 203.0.113." + i))
                .toList();

        assertThat(statuses.subList(0, BURST)).containsOnly(401);
        assertThat(statuses.subList(BURST, BURST + 2)).containsOnly(429);
        assertThat(refresh(way, other, JUNK, "X-Forwarded-For: " + loops)).isEqualTo(401);
    }

    @Test
    void operatorIsToldTheClient() {
        String accessToken =
                Tokens.sign(world.keys().accessTokenKey(), "{\"sub\":\"ada\",\"iat\":1790000000,\"exp\":4102444800}");
        String login = "{\"message\":\"ok\",\"token\":\"" + accessToken
                + "\",\"refreshToken\":\"backends.own.one\",\"expiresIn\":1800,\"user\":{\"_id\":\"ada\"}}";
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + login.length()
                + "\r\n\r\n" + login);
        String token = Tokens.refreshToken(gateway.post("/api/auth/login", "{}"));
        backend.take();

        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            assertThat(refresh(Way.TLS, "127.0.0.31", "{\"refreshToken\":\"" + token + "\"}"))
                    .isEqualTo(200);
            assertThat(refresh(
                            Way.TLS, "127.0.0.32", "{\"refreshToken\":\"" + token + "\"}", "X-Forwarded-For: 6.6.6.6"))
                    .isEqualTo(401);

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(log.lines())
                            .extracting(CapturedLog::pairs)
                            .filteredOn(pairs -> "refresh.reused".equals(pairs.get("event.action")))
                            .extracting(pairs -> pairs.get("client.ip"))
                            .containsExactly("127.0.0.32"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"APPEND", "TLS"})
    void webSocketPasses(Way way) {
        backend.answerWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\u0081\u0003you");
        try (RawConnection client = nginx.connect(way, "127.0.0.7")) {
            client.write("GET /socket.io/ HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "X-Forwarded-For: 6.6.6.6\r\n\r\n");
            Request asked = backend.take();
            String agreed = client.head();
            String atClient = client.text(5);
            // a masked frame; its end is what this backend knows a request's end by
            client.write("\u0081\u0086\0\0\0\0hi\r\n\r\n");
            String atBackend = backend.take().line();

            assertThat(asked.header("Upgrade")).isEqualTo("websocket");
            assertThat(asked.headers("X-Forwarded-For")).containsExactly("127.0.0.7");
            assertThat(agreed).startsWith("HTTP/1.1 101 ");
            assertThat(atClient).isEqualTo("\u0081\u0003you");
            assertThat(atBackend).isEqualTo("\u0081\u0086\0\0\0\0hi");
        }
    }

    @Test
    void requestsOfManyClientsShareAConnectionToTheGateway() throws IOException {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        try (FaultyProxy counts = FaultyProxy.before(gateway.port());
                Nginx keepsAlive = Nginx.start(counts.port(), key)) {
            for (int client = 1; client <= 20; client++) {
                String answer = RawClient.sendFrom(
                        "127.0.0." + client, keepsAlive.port(Way.APPEND), request("GET / HTTP/1.1", ""));
                assertThat(answer).startsWith("HTTP/1.1 200 ");
                backend.take();
            }

            assertThat(counts.accepted()).isLessThan(5);
        }
    }
}
