package io.portcullis.edge;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** Takes out what is said to the next hop only (RFC 9110, 7.6.1): certain headers, and those that {@code Connection} names. */
final class HopByHopHeaders implements HttpHeadersFilter {
    private final Set<String> names;

    /** @param names in small letters */
    HopByHopHeaders(Collection<String> names) {
        this.names = Set.copyOf(names);
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        Set<String> dropped = dropped(input.getConnection());
        return WritableHeaders.without(
                (name, values) -> dropped.contains(name.toLowerCase(Locale.ROOT)), input, exchange);
    }

    private Set<String> dropped(List<String> options) {
        Set<String> dropped = names;
        for (String option : options) {
            String name = option.toLowerCase(Locale.ROOT);
            if (!dropped.contains(name)) {
                dropped = new HashSet<>(dropped);
                dropped.add(name);
            }
        }
        return dropped;
    }

    @Override
    public boolean supports(Type type) {
        return true;
    }
}
