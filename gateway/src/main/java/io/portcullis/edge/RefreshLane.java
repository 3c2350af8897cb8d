package io.portcullis.edge;

import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Takes a refresh to its endpoint past Spring Cloud Gateway's routing, whose predicates and filters would come to the same and
 * cost as much as the refresh itself. It comes after all other filters of the server. What is read of its route in the
 * exchange is there all the same, and it is counted among the requests of its route. Most refreshes do not come here: see
 * {@link RefreshShortcut}.
 */
public final class RefreshLane implements WebFilter, Ordered {
    /** What such a route has in place of a backend. */
    public static final String URI = "no://op";

    private final Map<String, Route> routes;
    private final boolean preservesHost;
    private final GlobalFilter counting;
    private final RefreshEndpoint endpoint;
    private final ApplicationContext context;

    /**
     * The filter of this context's server.
     *
     * @param routes the ids of the routes, by the paths for which nothing else could happen; none where there are none
     * @param preservesHost whether backends are told the client's {@code Host}
     * @param counting what counts and times the requests of routes
     */
    public RefreshLane(
            Map<String, String> routes,
            boolean preservesHost,
            GlobalFilter counting,
            RefreshEndpoint endpoint,
            ApplicationContext context) {
        this.routes = routes.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, path -> route(path.getValue())));
        this.preservesHost = preservesHost;
        this.counting = counting;
        this.endpoint = endpoint;
        this.context = context;
    }

    private static Route route(String id) {
        return Route.async().id(id).uri(URI).predicate(any -> true).build();
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getURI().getRawPath();
        Route route = routes.get(path);
        // the management server has a context of its own, and the filters of this one
        if (route == null
                || !HttpMethod.POST.equals(exchange.getRequest().getMethod())
                || !context.equals(exchange.getApplicationContext())) {
            return chain.filter(exchange);
        }
        Map<String, Object> attributes = exchange.getAttributes();
        attributes.put(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR, route);
        attributes.put(ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ATTR, path);
        if (preservesHost) {
            attributes.put(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, true);
        }
        return counting.filter(exchange, endpoint::handle);
    }
}
