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
 * Gives the backend's URL the path and the query of the request, as it came or as a route's filters made it: Spring Cloud
 * Gateway takes both apart and puts them together again, without empty segments and parameters, and each name's values side
 * by side. Some sign their queries.
 */
public final class ExactTargetFilter implements GlobalFilter, Ordered {

    @Override
    public int getOrder() {
        return RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI url = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        if (url != null && url.getRawAuthority() != null) {
            URI asked = exchange.getRequest().getURI();
            String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
            exchange.getAttributes()
                    .put(
                            ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
                            URI.create(url.getScheme() + "://" + url.getRawAuthority() + asked.getRawPath() + query));
        }
        return chain.filter(exchange);
    }
}
