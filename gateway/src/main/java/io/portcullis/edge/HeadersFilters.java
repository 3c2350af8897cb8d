package io.portcullis.edge;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.GRPCRequestHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.RemoveForwardedHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.RemoveHopByHopHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.RemoveXForwardedHeadersFilter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * The filters of the headers that go to backends and come from them, in their order. Left out are those that copy all headers
 * for work that {@link ClientHeadersFilter} and {@link NextHopHeaders} do; that of the hop's headers copies none it need not.
 */
final class HeadersFilters {
    private static final Set<Class<?>> REDUNDANT = Set.of(
            GRPCRequestHeadersFilter.class, RemoveForwardedHeadersFilter.class, RemoveXForwardedHeadersFilter.class);

    private final ObjectProvider<List<HttpHeadersFilter>> all;
    /** Null until the first request: Spring Cloud Gateway's own filters may be made after it. */
    private volatile @Nullable Kinds kinds;

    private record Kinds(List<HttpHeadersFilter> ofRequests, List<HttpHeadersFilter> ofResponses) {}

    HeadersFilters(ObjectProvider<List<HttpHeadersFilter>> all) {
        this.all = all;
    }

    /** The headers that a backend is sent. */
    HttpHeaders filterRequest(ServerWebExchange exchange) {
        return filter(kinds().ofRequests(), exchange.getRequest().getHeaders(), exchange);
    }

    /** The headers that a client is sent, of those that came, which may be changed. */
    HttpHeaders filterResponse(HttpHeaders came, ServerWebExchange exchange) {
        return filter(kinds().ofResponses(), came, exchange);
    }

    private static HttpHeaders filter(List<HttpHeadersFilter> filters, HttpHeaders came, ServerWebExchange exchange) {
        HttpHeaders headers = came;
        for (HttpHeadersFilter filter : filters) {
            headers = filter.filter(headers, exchange);
        }
        return headers;
    }

    private Kinds kinds() {
        Kinds known = kinds;
        if (known == null) {
            List<HttpHeadersFilter> needed = all.getIfAvailable(List::of).stream()
                    .filter(filter -> !REDUNDANT.contains(filter.getClass()))
                    .map(HeadersFilters::withoutCopy)
                    .toList();
            known = new Kinds(
                    ofType(needed, HttpHeadersFilter.Type.REQUEST), ofType(needed, HttpHeadersFilter.Type.RESPONSE));
            kinds = known;
        }
        return known;
    }

    private static HttpHeadersFilter withoutCopy(HttpHeadersFilter filter) {
        return filter.getClass().equals(RemoveHopByHopHeadersFilter.class)
                ? new HopByHopHeaders(((RemoveHopByHopHeadersFilter) filter).getHeaders())
                : filter;
    }

    private static List<HttpHeadersFilter> ofType(List<HttpHeadersFilter> filters, HttpHeadersFilter.Type type) {
        return filters.stream().filter(filter -> filter.supports(type)).toList();
    }
}
