package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpStatusCode;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/** Without operators the endpoint is for the gateway's own machine: a test's sockets never come from another one. */
class OperatorSecurityTest {
    private static final Outboxes NOBODY = new Outboxes(List.of());

    private final OperatorEvents events = new OperatorEvents(
            new SessionEvents(new SessionMetrics(new SimpleMeterRegistry(), Set.of()), NOBODY, InstantSource.system()),
            NOBODY,
            InstantSource.system());
    private final WebFilter filter = OperatorSecurity.filter("/actuator/sessions", null, Set.of(), true, events);
    private final AtomicBoolean passed = new AtomicBoolean();

    private @Nullable HttpStatusCode call(String path, String from, String... hosts) {
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get(path)
                .header("Host", hosts)
                .remoteAddress(new InetSocketAddress(from, 40_000)));
        filter.filter(exchange, passing -> Mono.fromRunnable(() -> passed.set(true)))
                .block();
        return exchange.getResponse().getStatusCode();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "127.0.0.7", "::1", "::ffff:127.0.0.1"})
    void ownMachineMayCall(String address) {
        assertThat(call("/actuator/sessions", address, "localhost:8081")).isNull();
        assertThat(passed).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1", "203.0.113.7", "2001:db8::1", "0.0.0.0"})
    void anyOtherIsForbiddenAndTold(String address) {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            assertThat(call("/actuator/sessions/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", address, "localhost"))
                    .hasToString("403 FORBIDDEN");

            assertThat(passed).isFalse();
            assertThat(log.lines())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("Operator refused: realm=none status=403 client="
                            + new InetSocketAddress(address, 1).getAddress().getHostAddress());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:8081", "127.0.0.1", "127.0.0.1:8081", "[::1]", "[::1]:8081"})
    void ownMachineIsCalledByItsOwnNames(String host) {
        assertThat(call("/actuator/sessions", "127.0.0.1", host)).isNull();
    }

    /** A page whose name was made to mean this machine is read by a browser on it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8081",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "",
                "x@localhost"
            })
    void anotherNameIsForbidden(String host) {
        assertThat(call("/actuator/sessions", "127.0.0.1", host)).hasToString("403 FORBIDDEN");
        assertThat(passed).isFalse();
    }

    @Test
    void noNameAndTwoNamesAreForbidden() {
        assertThat(call("/actuator/sessions", "127.0.0.1")).hasToString("403 FORBIDDEN");
        assertThat(call("/actuator/sessions", "127.0.0.1", "localhost", "evil.example"))
                .hasToString("403 FORBIDDEN");
    }

    @Test
    void otherPathsAreOpenToAnybody() {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            assertThat(call("/actuator/health", "203.0.113.7", "any.example")).isNull();

            assertThat(passed).isTrue();
            assertThat(log.lines()).isEmpty();
        }
    }
}
