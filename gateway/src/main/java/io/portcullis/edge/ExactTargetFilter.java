package io.portcullis.edge;

import java.net.URI;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Makes the backend's URL: where the route goes to, and the path and the query of the request, as it came or as a route's
 * filters made it. Spring Cloud Gateway's own filter takes both apart and puts them together again, without empty segments and
 * parameters, and each name's values side by side. Some sign their queries.
 */
public final class ExactTargetFilter extends RouteToRequestUrlFilter {

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        if (route != null && route.getUri().getHost() != null) {
            URI to = route.getUri();
            String port = to.getPort() < 0 ? "" : ":" + to.getPort();
            ask(exchange, to.getScheme(), to.getHost() + port);
            return chain.filter(exchange);
        }
        return super.filter(exchange, prepared -> {
            URI url = prepared.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
            if (url != null && url.getRawAuthority() != null) {
                ask(prepared, url.getScheme(), url.getRawAuthority());
            }
            return chain.filter(prepared);
        });
    }

    private static void ask(ServerWebExchange exchange, String scheme, String authority) {
        URI asked = exchange.getRequest().getURI();
        String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
        URI url = URI.create(scheme + "://" + authority + asked.getRawPath() + query);
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, url);
    }
}
