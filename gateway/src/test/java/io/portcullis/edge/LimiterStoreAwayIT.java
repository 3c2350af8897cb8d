package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The limiter does not fall open with the store. */
class LimiterStoreAwayIT {
    private static final int BURST = 10;

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo(
            "portcullis.refresh.limit.per-address=1",
            "portcullis.refresh.limit.address-burst=" + BURST,
            "portcullis.store.command-timeout=200ms",
            "portcullis.store.budget=200ms");

    private final TestGateway gateway = FIXTURE.gateway();

    private List<Integer> statuses(String token, int requests) {
        return Stream.generate(() -> gateway.refresh(token).statusCode())
                .limit(requests)
                .toList();
    }

    @Test
    @SecurityLine(38)
    void whoLoopsIsLimitedWhileRedisIsGone() {
        String token = FIXTURE.login();
        gateway.redis().stop();

        List<Integer> first = statuses(token, BURST);
        List<Integer> then = statuses(token, 20);

        assertThat(first).containsOnly(503);
        assertThat(then).filteredOn(status -> status == 429).hasSizeGreaterThan(10);
        assertThat(statuses("a.b.c", 5)).contains(429);
        assertThat(FIXTURE.backend().refreshesReached()).isZero();
    }
}
