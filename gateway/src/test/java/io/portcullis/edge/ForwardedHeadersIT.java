package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What backends are told of the client, with proxies at 127.0.1.0/24 that speak {@code X-Forwarded-*}. */
class ForwardedHeadersIT {
    private static final String CLIENT = "127.0.0.7";
    private static final String PROXY = "127.0.1.1";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.forwarded.trusted-proxies=127.0.1.0/24,2001:db8:1::/48",
                "portcullis.forwarded.headers=both");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static Request forwarded(String from, String target, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        RawClient.sendFrom(
                from,
                gateway.port(),
                "GET " + target + " HTTP/1.1\r\nHost: shop.example:8443\r\n" + lines + "Connection: close\r\n\r\n");
        return backend.take();
    }

    private static void assertTold(Request request, String client, String proto, String host, String port) {
        assertThat(request.headers("X-Forwarded-For")).containsExactly(client);
        assertThat(request.headers("X-Forwarded-Proto")).containsExactly(proto);
        assertThat(request.headers("X-Forwarded-Host")).containsExactly(host);
        assertThat(request.headers("X-Forwarded-Port")).containsExactly(port);
        String node = client.contains(":") ? "\"[" + client + "]\"" : client;
        assertThat(request.headers("Forwarded"))
                .containsExactly("for=" + node + ";host=\"" + host + "\";proto=" + proto);
        assertThat(request.header("Host")).isEqualTo("shop.example:8443");
    }

    @Test
    void clientIsThePeer() {
        assertTold(forwarded(CLIENT, "/"), CLIENT, "http", "shop.example:8443", "8443");
        assertTold(forwarded("127.0.0.8", "/"), "127.0.0.8", "http", "shop.example:8443", "8443");
    }

    @Test
    void clientMayComeOverIpv6() {
        assertTold(forwarded("::1", "/"), "::1", "http", "shop.example:8443", "8443");
    }

    @Test
    @SecurityLine(36)
    void nothingThatAClientWritesOfItselfPasses() {
        Request request = forwarded(
                CLIENT,
                "https://shop.example:8443/",
                "X-Forwarded-For: 6.6.6.6",
                "x-forwarded-for: 6.6.6.7",
                "X-FORWARDED-FOR: 127.0.1.9",
                "x-FoRwArDeD-pRoTo: https",
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Port: 6666",
                "X-Forwarded-Prefix: /evil",
                "X-Forwarded-Ssl: on",
                "X-Forwarded-Client-Cert: evil",
                "X-Forwarded: for=6.6.6.6",
                "forwarded: for=6.6.6.6;proto=https;host=evil.example",
                "FORWARDED: for=_hidden",
                "X-Real-IP: 6.6.6.6",
                "x-client-ip: 6.6.6.6",
                "True-Client-IP: 6.6.6.6",
                "CF-Connecting-IP: 6.6.6.6",
                "X-Cluster-Client-IP: 6.6.6.6",
                "X-Original-URL: /evil",
                "X-Rewrite-URL: /evil",
                "X_Forwarded_For: 6.6.6.6",
                "X_Real_IP: 6.6.6.6",
                "X-Kept: kept");

        assertTold(request, CLIENT, "http", "shop.example:8443", "8443");
        assertThat(request.headers())
                .noneMatch(header -> header.matches("(?is).*(6\\.6\\.6|evil|hidden|x_|ssl|https).*"));
        assertThat(request.header("X-Kept")).isEqualTo("kept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For, X-Forwarded-Proto",
                "Forwarded, x-forwarded-host",
                "keep-alive, X-FORWARDED-PORT"
            })
    @SecurityLine(36)
    void clientCannotHaveOurHeadersRemovedAsHopByHop(String named) {
        Request request = forwarded(CLIENT, "/", "Connection: " + named);

        assertTold(request, CLIENT, "http", "shop.example:8443", "8443");
    }

    @Test
    @SecurityLine(36)
    void headersOfTheConnectionEndHere() {
        Request request = forwarded(
                CLIENT,
                "/",
                "Connection: X-Hop, x-other",
                "X-Hop: 1",
                "X-OTHER: 2",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "Proxy-Authorization: Basic YTpi",
                "TE: gzip",
                "X-Kept: kept");

        assertThat(request.headers())
                .noneMatch(header -> header.matches("(?i)(x-hop|x-other|keep-alive|proxy-.*|te|connection):.*"));
        assertThat(request.header("X-Kept")).isEqualTo("kept");
    }

    @Test
    @SecurityLine(36)
    void trustedProxysWordPasses() {
        Request request = forwarded(
                PROXY,
                "/",
                "X-Forwarded-For: 203.0.113.5",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: api.example",
                "X-Forwarded-Port: 8444",
                "X-Forwarded-Prefix: /v1",
                "X-Real-IP: 203.0.113.5",
                "X-Original-URL: /evil",
                "X-Rewrite-URL: /evil");

        assertTold(request, "203.0.113.5", "https", "api.example", "8444");
        assertThat(request.header("X-Forwarded-Prefix")).isEqualTo("/v1");
        assertThat(request.header("X-Real-IP")).isEqualTo("203.0.113.5");
        assertThat(request.headers()).noneMatch(header -> header.contains("evil"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.5:61234 | 203.0.113.5",
                "6.6.6.6, 203.0.113.5 | 203.0.113.5",
                "6.6.6.6, 203.0.113.5, 127.0.1.2, 127.0.1.3:80 | 203.0.113.5",
                "[2001:db8::5]:443 | 2001:db8::5",
                "2001:DB8:0:0::5, [2001:db8:1::9] | 2001:db8::5",
                "6.6.6.6, unknown | 127.0.1.1",
                "6.6.6.6, _obfuscated, 127.0.1.2 | 127.0.1.2",
                "127.0.1.5, 127.0.1.2 | 127.0.1.5",
                "::ffff:203.0.113.5 | 203.0.113.5"
            })
    @SecurityLine(36)
    void clientIsTheRightMostOfTheChainThatIsNotTrusted(String chain, String client) {
        assertTold(forwarded(PROXY, "/", "X-Forwarded-For: " + chain), client, "http", "shop.example:8443", "8443");
    }

    @Test
    void chainMayBeInSeveralLines() {
        Request request = forwarded(
                PROXY,
                "/",
                "X-Forwarded-For: 6.6.6.6, 203.0.113.5",
                "x-forwarded-for: 127.0.1.2",
                "X-Forwarded-Proto: http, https",
                "X-Forwarded-Host: a.example",
                "X-Forwarded-Host: b.example");

        assertTold(request, "203.0.113.5", "https", "b.example", "443");
    }

    @Test
    void nonsenseOfATrustedProxyIsNotRepeated() {
        Request request = forwarded(
                PROXY,
                "/",
                "X-Forwarded-For: 203.0.113.5",
                "X-Forwarded-Proto: gopher",
                "X-Forwarded-Host: a\"b",
                "X-Forwarded-Port: 99999");

        assertTold(request, "203.0.113.5", "http", "shop.example:8443", "8443");
    }

    @Test
    void forwardedOfAProxyThatSpeaksXForwardedIsItsClients() {
        assertTold(
                forwarded(PROXY, "/", "Forwarded: for=6.6.6.6;proto=https"),
                PROXY,
                "http",
                "shop.example:8443",
                "8443");
    }

    @Test
    void upgradeToWebSocketHasTheSameHeaders() {
        Request request = forwarded(
                CLIENT,
                "/socket.io/?EIO=4",
                "Upgrade: websocket",
                "Connection: Upgrade, X-Forwarded-For",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
                "X-Forwarded-For: 6.6.6.6",
                "X-Forwarded-Proto: https",
                "X-Real-IP: 6.6.6.6",
                "Forwarded: for=6.6.6.6");

        assertThat(request.header("Upgrade")).isEqualToIgnoringCase("websocket");
        assertTold(request, CLIENT, "http", "shop.example:8443", "8443");
        assertThat(request.headers()).noneMatch(header -> header.contains("6.6.6.6"));
    }

    @Test
    void requestWithoutAHostIsForwarded() {
        RawClient.sendFrom(CLIENT, gateway.port(), "GET /old HTTP/1.0\r\nX-Forwarded-Host: evil.example\r\n\r\n");

        Request request = backend.take();
        assertThat(request.line()).isEqualTo("GET /old HTTP/1.1");
        assertThat(request.headers("X-Forwarded-For")).containsExactly(CLIENT);
        assertThat(request.headers("X-Forwarded-Host")).isEmpty();
        assertThat(request.headers("X-Forwarded-Port")).containsExactly("80");
        assertThat(request.headers("Forwarded")).containsExactly("for=" + CLIENT + ";proto=http");
    }
}
