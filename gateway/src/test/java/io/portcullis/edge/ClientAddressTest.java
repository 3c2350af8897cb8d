package io.portcullis.edge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

/** Trusted are 10.x.x.x and fd00::x. */
class ClientAddressTest {
    private static final Predicate<InetAddress> TRUSTED =
            address -> address.getHostAddress().startsWith("10.")
                    || address.getHostAddress().startsWith("fd00:");

    private static String client(boolean forwarded, String peer, String header, List<String> lines) {
        MockServerHttpRequest request = MockServerHttpRequest.get("http://a.example/")
                .remoteAddress(new InetSocketAddress(peer, 4711))
                .header(header, lines.toArray(String[]::new))
                .build();
        InetAddress address = new ClientAddress(TRUSTED, forwarded).of(MockServerWebExchange.from(request));
        return ForwardedNode.text(requireNonNull(address));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.1.1.1 | 2.2.2.2 | 1.1.1.1",
                "10.0.0.1 | 2.2.2.2 | 2.2.2.2",
                "10.0.0.1 | 3.3.3.3, 2.2.2.2 | 2.2.2.2",
                "10.0.0.1 | 3.3.3.3, 2.2.2.2, 10.0.0.2, 10.0.0.3 | 2.2.2.2",
                "10.0.0.1 | 10.0.0.9, 2.2.2.2, 10.0.0.2 | 2.2.2.2",
                "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
                "10.0.0.1 | '' | 10.0.0.1",
                "10.0.0.1 | 2.2.2.2, unknown | 10.0.0.1",
                "10.0.0.1 | 2.2.2.2,, 10.0.0.2 | 10.0.0.2",
                "10.0.0.1 | 2.2.2.2, 10.0.0.2:8o, 10.0.0.3 | 10.0.0.3",
                "fd00::1 | 2001:db8::7 | 2001:db8::7",
                "fd00::1 | 2.2.2.2, [fd00::2]:443 | 2.2.2.2",
                "10.0.0.1 | 2.2.2.2, ::ffff:10.0.0.2 | 2.2.2.2",
                "2001:db8::1 | 2.2.2.2 | 2001:db8::1"
            })
    void clientIsTheRightMostThatIsNotTrusted(String peer, String chain, String client) {
        assertThat(client(false, peer, "X-Forwarded-For", List.of(chain))).isEqualTo(client);
    }

    @Test
    void withoutTheHeaderTheClientIsThePeer() {
        assertThat(client(false, "10.0.0.1", "Forwarded", List.of("for=2.2.2.2")))
                .isEqualTo("10.0.0.1");
        assertThat(client(true, "10.0.0.1", "X-Forwarded-For", List.of("2.2.2.2")))
                .isEqualTo("10.0.0.1");
    }

    @Test
    void connectionWithoutAnAddressHasNoClient() {
        MockServerHttpRequest request = MockServerHttpRequest.get("/")
                .header("X-Forwarded-For", "2.2.2.2")
                .build();

        assertThat(new ClientAddress(address -> true, false).of(MockServerWebExchange.from(request)))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverStandsLeftOfTheFirstStrangerDoesNotMatter(boolean forwarded) {
        long seed = 20260303;
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            boolean unknown = random.nextInt(4) == 0;
            int proxies = random.nextInt(5);
            List<String> chain = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                chain.add(random.nextBoolean() ? nonsense(random) : "10.9.9." + n);
            }
            String stranger =
                    random.nextBoolean() ? "203.0.113." + random.nextInt(256) : "2001:db8::" + (1 + random.nextInt(9));
            chain.add(unknown ? nonsense(random) : stranger);
            // the newest is the peer, which is in no header
            IntStream.range(1, proxies + 1).forEach(n -> chain.add("10.0.0." + n));

            String client = client(
                    forwarded,
                    "10.0.0.77",
                    forwarded ? "Forwarded" : "X-Forwarded-For",
                    lines(chain, forwarded, random));

            String proxyThatDidNotKnow = proxies == 0 ? "10.0.0.77" : "10.0.0.1";
            assertThat(client)
                    .as("seed %d, round %d: %s", seed, i, chain)
                    .isEqualTo(unknown ? proxyThatDidNotKnow : stranger);
        }
    }

    private static String nonsense(Random random) {
        String[] nonsense = {"", "unknown", "_hidden", "localhost", "300.1.1.1", "[::1", "1.2.3", "\"", "for=", ";"};
        return nonsense[random.nextInt(nonsense.length)];
    }

    /** A chain as proxies write it: in one line or in several, with ports, brackets and blanks. */
    private static List<String> lines(List<String> chain, boolean forwarded, Random random) {
        List<String> lines = new ArrayList<>();
        for (String node : chain) {
            boolean six = node.startsWith("2001:");
            boolean address = six || node.matches("(10|203)\\.[\\d.]+");
            String port = address && random.nextInt(3) == 0 ? ":" + random.nextInt(65536) : "";
            boolean bracketed = six && (forwarded || !port.isEmpty() || random.nextBoolean());
            String written = (bracketed ? "[" + node + "]" : node) + port;
            if (forwarded) {
                String value = written.matches("[\\w.]+") && random.nextBoolean() ? written : "\"" + written + "\"";
                written =
                        (random.nextBoolean() ? "proto=http;" : "") + (random.nextBoolean() ? "for=" : "For=") + value;
            }
            if (lines.isEmpty() || random.nextBoolean()) {
                lines.add(written);
            } else {
                lines.set(
                        lines.size() - 1, lines.get(lines.size() - 1) + (random.nextBoolean() ? "," : " , ") + written);
            }
        }
        return lines;
    }
}
