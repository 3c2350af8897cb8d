package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

/** From when on a backend is late that was sent a request without a body: IsolateBackendIT has those with one. */
class ArrivingRequestTest {
    private static final Duration LIMIT = Duration.ofMillis(400);
    private static final Duration BEFORE = Duration.ofMillis(200);

    private final MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/"));

    @Test
    void requestWithoutABodyHasItsTimeFromWhenItIsSent() {
        ArrivingRequest request = ArrivingRequest.of(exchange);
        long began = System.nanoTime();
        Mono.delay(BEFORE).subscribe(waited -> ArrivingRequest.isWhole(exchange));

        request.lateAfter(LIMIT).block();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(LIMIT.plus(BEFORE));
    }

    @Test
    void requestThatNobodySendsIsLateAllTheSame() {
        long began = System.nanoTime();

        ArrivingRequest.of(exchange).lateAfter(LIMIT).block();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(LIMIT);
    }

    @Test
    void requestThatNobodyWatchesIsNotMissed() {
        ArrivingRequest.isWhole(exchange);

        assertThat(exchange.getAttributes()).doesNotContainKey(ArrivingRequest.class.getName());
    }
}
