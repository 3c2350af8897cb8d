package io.portcullis.edge;

import java.net.URI;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Gives the path back its empty segments: Spring Cloud Gateway collapses {@code //} when it builds the backend's URL. A path
 * that a route's filters changed is left as they made it.
 */
public final class ExactPathFilter implements GlobalFilter, Ordered {

    @Override
    public int getOrder() {
        return RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI url = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        String asked = exchange.getRequest().getURI().getRawPath();
        if (url != null && asked.contains("//") && collapsed(asked).equals(url.getRawPath())) {
            String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
            exchange.getAttributes()
                    .put(
                            ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
                            URI.create(url.getScheme() + "://" + url.getRawAuthority() + asked + query));
        }
        return chain.filter(exchange);
    }

    private static String collapsed(String path) {
        return path.replaceAll("/{2,}", "/");
    }
}
