package io.portcullis.edge;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.handler.predicate.GatewayPredicate;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The routes in their order, and which of them is the first to match. Spring Cloud Gateway asks through a handful of reactive
 * operators for each route, also where no predicate waits for anything; here those are asked one after the other.
 */
final class RouteTable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteTable.class);

    private final RouteLocator locator;
    /** Null before they are known, and if one of them has a predicate that waits, such as {@code ReadBody}'s for the body. */
    private volatile @Nullable List<Route> routes;

    RouteTable(RouteLocator locator) {
        this.locator = locator;
    }

    /** Takes the routes over as they are now. */
    void refresh() {
        locator.getRoutes()
                .collectList()
                .subscribe(known ->
                        routes = known.stream().allMatch(RouteTable::isAnsweredAtOnce) ? List.copyOf(known) : null);
    }

    private static boolean isAnsweredAtOnce(Route route) {
        boolean[] atOnce = {true};
        route.getPredicate().accept(predicate -> atOnce[0] &= predicate instanceof GatewayPredicate);
        return atOnce[0];
    }

    /**
     * The first route that matches; empty if none does.
     *
     * @param elsewhere who looks it up where this table cannot
     */
    Mono<Route> first(ServerWebExchange exchange, Function<ServerWebExchange, Mono<Route>> elsewhere) {
        List<Route> known = routes;
        if (known == null) {
            return elsewhere.apply(exchange);
        }
        for (Route route : known) {
            exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR, route.getId());
            CompletableFuture<Boolean> matches = matches(route, exchange);
            if (matches.isCompletedExceptionally()) {
                return Mono.fromFuture(matches).then(Mono.empty());
            }
            if (Objects.requireNonNull(matches.getNow(null), "a predicate that waits")) {
                return Mono.just(route);
            }
        }
        return Mono.empty();
    }

    private static CompletableFuture<Boolean> matches(Route route, ServerWebExchange exchange) {
        try {
            Publisher<Boolean> answer = route.getPredicate().apply(exchange);
            return Mono.from(answer).toFuture();
        } catch (RuntimeException e) {
            // as Spring Cloud Gateway does: the others may match
            LOG.error("Error applying predicate for route: {}", route.getId(), e);
            return CompletableFuture.completedFuture(false);
        }
    }
}
