package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What backends are told of the client, with proxies at 127.0.1.0/24 that speak {@code Forwarded} (RFC 7239). */
class ForwardedIT {
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
                "portcullis.forwarded.trusted-headers=forwarded",
                "portcullis.forwarded.headers=forwarded");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static Request forwarded(String from, String... headers) {
        RawClient.sendFrom(
                from,
                gateway.port(),
                "GET / HTTP/1.1\r\nHost: a.example\r\n" + String.join("\r\n", headers)
                        + "\r\nConnection: close\r\n\r\n");
        return backend.take();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "for=203.0.113.5 | for=203.0.113.5;host=\"a.example\";proto=http",
                "For=\"203.0.113.5:61234\";PROTO=https;host=b.example"
                        + " | for=203.0.113.5;host=\"b.example\";proto=https",
                "for=\"[2001:DB8::5]:443\" | for=\"[2001:db8::5]\";host=\"a.example\";proto=http",
                "for=6.6.6.6;proto=https, for=203.0.113.5 | for=203.0.113.5;host=\"a.example\";proto=http",
                "for=203.0.113.5;proto=https, for=127.0.1.2;proto=http"
                        + " | for=203.0.113.5;host=\"a.example\";proto=https",
                "for=6.6.6.6, for=_hidden;proto=https, for=\"[2001:db8:1::9]\""
                        + " | for=\"[2001:db8:1::9]\";host=\"a.example\";proto=https",
                "for=6.6.6.6, for=unknown | for=127.0.1.1;host=\"a.example\";proto=http",
                "for=\"6.6.6.6, for=203.0.113.5 | for=203.0.113.5;host=\"a.example\";proto=http",
                "for=6.6.6.6, for=203.0.113.5;for=6.6.6.6 | for=127.0.1.1;host=\"a.example\";proto=http"
            })
    void trustedProxysWordPasses(String sent, String told) {
        assertThat(forwarded(PROXY, "forwarded: " + sent).headers("Forwarded")).containsExactly(told);
    }

    @Test
    void onlyForwardedIsSentAndNobodysXForwardedPasses() {
        for (String peer : new String[] {PROXY, "127.0.0.7"}) {
            Request request = forwarded(peer, "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https");

            assertThat(request.headers("Forwarded")).containsExactly("for=" + peer + ";host=\"a.example\";proto=http");
            assertThat(request.headers())
                    .noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith("x-forwarded"));
        }
    }

    @Test
    @SecurityLine(36)
    void clientsForwardedDoesNotPass() {
        assertThat(forwarded("127.0.0.7", "Forwarded: for=6.6.6.6", "FORWARDED: for=127.0.1.1")
                        .headers("Forwarded"))
                .containsExactly("for=127.0.0.7;host=\"a.example\";proto=http");
    }
}
