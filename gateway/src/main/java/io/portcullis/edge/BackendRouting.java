package io.portcullis.edge;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.GRPCRequestHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.RemoveForwardedHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.RemoveXForwardedHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.client.HttpClient;

/**
 * Sends requests to backends, as Spring Cloud Gateway does, without what it does for nothing here: three copies of all headers,
 * made by filters whose work is that of {@link ClientHeadersFilter} and {@link NextHopHeaders}, and for each request a new
 * client with the connect timeout that the old one has.
 */
public final class BackendRouting extends NettyRoutingFilter {
    private static final Set<Class<?>> REDUNDANT = Set.of(
            GRPCRequestHeadersFilter.class, RemoveForwardedHeadersFilter.class, RemoveXForwardedHeadersFilter.class);

    private final HttpClient client;
    private volatile @Nullable List<HttpHeadersFilter> needed;

    public BackendRouting(
            HttpClient client, ObjectProvider<List<HttpHeadersFilter>> filters, HttpClientProperties properties) {
        super(client, filters, properties);
        this.client = client;
    }

    @Override
    public @Nullable List<HttpHeadersFilter> getHeadersFilters() {
        List<HttpHeadersFilter> known = needed;
        if (known == null) {
            List<HttpHeadersFilter> all = Objects.requireNonNullElse(super.getHeadersFilters(), List.of());
            known = all.stream()
                    .filter(filter -> !REDUNDANT.contains(filter.getClass()))
                    .toList();
            needed = known;
        }
        return known;
    }

    @Override
    protected HttpClient getHttpClient(Route route, ServerWebExchange exchange) {
        return route.getMetadata().containsKey(RouteMetadataUtils.CONNECT_TIMEOUT_ATTR)
                ? super.getHttpClient(route, exchange)
                : client;
    }
}
