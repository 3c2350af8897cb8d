package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Which requests pass the routing by, and what they find. */
class RefreshLaneTest {
    private static final String PATH = "/api/auth/refresh";

    private final AtomicInteger counted = new AtomicInteger();
    private final AtomicInteger routed = new AtomicInteger();
    private final ApplicationContext context = new StaticApplicationContext();
    private final RefreshLane lane = new RefreshLane(
            Map.of(PATH, "refresh"),
            true,
            // and what is behind it
            (exchange, chain) -> Mono.fromRunnable(counted::incrementAndGet),
            new RefreshEndpoint(null, null, null, null, null, 0, Duration.ZERO),
            context);

    private ServerWebExchange asked(HttpMethod method, String target) {
        return asked(MockServerHttpRequest.method(method, target), context);
    }

    private ServerWebExchange asked(MockServerHttpRequest.BodyBuilder request, ApplicationContext server) {
        ServerWebExchange exchange = MockServerWebExchange.builder(request)
                .applicationContext(server)
                .build();
        lane.filter(exchange, routing -> Mono.fromRunnable(routed::incrementAndGet))
                .block();
        return exchange;
    }

    @Test
    void aRefreshFindsWhatItsRouteWouldHaveLeft() {
        ServerWebExchange exchange = asked(HttpMethod.POST, PATH + "?a=b");

        assertThat(counted).hasValue(1);
        assertThat(routed).hasValue(0);
        assertThat(exchange.<Route>getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR)
                        .getId())
                .isEqualTo("refresh");
        assertThat(exchange.getAttributes())
                .containsEntry(ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ATTR, PATH)
                .containsEntry(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, true);
    }

    @Test
    void anythingElseIsRouted() {
        asked(HttpMethod.OPTIONS, PATH);
        asked(HttpMethod.GET, PATH);
        asked(HttpMethod.POST, PATH + "/");
        asked(HttpMethod.POST, "/api/auth/login");

        assertThat(routed).hasValue(4);
        assertThat(counted).hasValue(0);
    }

    @Test
    void whatTheManagementServerIsAskedIsNotOfThisLane() {
        asked(MockServerHttpRequest.post(PATH), new StaticApplicationContext());

        assertThat(routed).hasValue(1);
    }
}
