package io.portcullis.edge;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.operations.RevocationMetrics;
import io.portcullis.session.RevokedSession;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What turning revoked sessions away costs a request that is forwarded. {@code nothing} is the chain without the filter. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RejectRevokedSessionBenchmark {
    private static final GatewayFilterChain CHAIN = exchange -> Mono.empty();

    @Param({"0", "100000"})
    public int revokedSessions;

    @Param({"none", "bearer"})
    public String token;

    private GatewayFilter filter;
    private ServerWebExchange exchange;

    @Setup
    public void setUp() {
        RevokedSessions revoked = new RevokedSessions(1_000_000);
        Instant now = Instant.now();
        for (int i = 0; i < revokedSessions; i++) {
            revoked.add(new RevokedSession(SessionId.random("app", "usr_" + i), "app", now.plusSeconds(3600)), now);
        }
        InstantSource clock = InstantSource.system();
        filter = new RejectRevokedSessionGatewayFilterFactory(
                        revoked,
                        new BearerTokens(
                                List.of(HttpHeaders.AUTHORIZATION, "Sec-WebSocket-Protocol"),
                                List.of("access_token", "token")),
                        null,
                        new RevocationMetrics(new SimpleMeterRegistry(), Set.of(), revoked, Duration.ofSeconds(30), clock),
                        clock)
                .apply(new RejectRevokedSessionConfig());
        MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.get("/api/things?page=2");
        if (token.equals("bearer")) {
            request.header(HttpHeaders.AUTHORIZATION, "Bearer " + bearer());
        }
        exchange = MockServerWebExchange.from(request);
        exchange.getAttributes()
                .put(
                        ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR,
                        Route.async()
                                .id("everything-else")
                                .uri(URI.create("http://127.0.0.1:3000"))
                                .predicate(any -> true)
                                .build());
    }

    /** As the gateway mints them: about 300 characters. */
    private static String bearer() {
        return base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "."
                + base64("{\"sub\":\"usr_8d1f2c\",\"email\":\"ada@example.com\",\"projectId\":\"prj_demo\","
                        + "\"role\":\"member\",\"iat\":1772366400,\"exp\":1772368200,\"sid\":\""
                        + SessionId.random("app", "usr_8d1f2c") + "\"}")
                + "." + "A".repeat(43);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Benchmark
    public Mono<Void> nothing() {
        return CHAIN.filter(exchange);
    }

    @Benchmark
    public Mono<Void> rejectRevokedSession() {
        return filter.filter(exchange, CHAIN);
    }

    @Test
    void run() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(RejectRevokedSessionBenchmark.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
