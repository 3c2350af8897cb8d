package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class RouteTableTest {
    private static final String ELSEWHERE = "looked up elsewhere";

    private final List<Route> routes = new ArrayList<>();
    private final RouteTable table = new RouteTable(() -> Flux.fromIterable(routes));

    private static Route route(String id, AsyncPredicate<ServerWebExchange> predicate) {
        return Route.async()
                .id(id)
                .uri("http://backend.example")
                .asyncPredicate(predicate)
                .build();
    }

    private static AsyncPredicate<ServerWebExchange> path(String path) {
        return AsyncPredicate.from(
                exchange -> exchange.getRequest().getURI().getPath().equals(path));
    }

    private static AsyncPredicate<ServerWebExchange> method(String method) {
        return AsyncPredicate.from(
                exchange -> exchange.getRequest().getMethod().name().equals(method));
    }

    private @Nullable String first(String path) {
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get(path));
        return table.first(exchange, asked -> Mono.just(route(ELSEWHERE, path(path))))
                .map(Route::getId)
                .block(Duration.ofSeconds(1));
    }

    @Test
    void firstThatMatchesIsTaken() {
        routes.add(route("other method", method("POST").and(path("/a"))));
        routes.add(route("other path", method("GET").and(path("/b"))));
        routes.add(route("taken", method("GET").and(path("/a"))));
        routes.add(route("later", path("/a")));
        table.refresh();

        assertThat(first("/a")).isEqualTo("taken");
        assertThat(first("/none")).isNull();
    }

    @Test
    void routesAreLookedUpElsewhereUntilTheyAreKnown() {
        routes.add(route("a", path("/a")));

        assertThat(first("/a")).isEqualTo(ELSEWHERE);
    }

    @Test
    void refreshTakesOverWhatRoutesThereAreNow() {
        routes.add(route("old", path("/a")));
        table.refresh();
        routes.set(0, route("new", path("/a")));

        assertThat(first("/a")).isEqualTo("old");
        table.refresh();
        assertThat(first("/a")).isEqualTo("new");
    }

    @Test
    void predicateThatMayWaitIsNotAskedHere() {
        AsyncPredicate<ServerWebExchange> later =
                exchange -> Mono.delay(Duration.ofMillis(1)).thenReturn(true);
        routes.add(route("at once", path("/b")));
        routes.add(route("a", path("/a").and(later)));
        table.refresh();

        assertThat(first("/a")).isEqualTo(ELSEWHERE);
    }

    @Test
    void predicateThatThrowsDoesNotMatchAndOneThatFailsLaterFailsTheRequest() {
        AsyncPredicate<ServerWebExchange> broken = AsyncPredicate.from(exchange -> {
            throw new IllegalStateException("broken");
        });
        routes.add(route("broken", broken));
        routes.add(route("a", path("/a")));
        routes.add(route("broken behind another", path("/b").and(broken)));
        table.refresh();

        assertThat(first("/a")).isEqualTo("a");
        assertThatThrownBy(() -> first("/b")).isInstanceOf(IllegalStateException.class);
    }
}
