package io.portcullis.edge;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Tells the backends who the client is and what it asked for, in {@code X-Forwarded-*} or {@code Forwarded} (RFC
 * 7239) or both, and lets nothing pass that says the like and does not come from a trusted proxy. {@code Host} stays
 * as it was sent.
 */
public final class ClientHeadersFilter implements HttpHeadersFilter, Ordered {
    private static final String X_FORWARDED = "x-forwarded";
    /** Never another's, the bare one, which is older than its heirs and says what {@code Forwarded} does, included. */
    private static final Set<String> OWN =
            Set.of(X_FORWARDED, "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port");

    /**
     * Would have the backend serve another path than the one that was routed; or speak of the connection, not of it ({@code
     * x-http2-*} are netty's own notes); or keep what a client wrote, as ingress-nginx does by {@code
     * x-original-forwarded-for}.
     */
    private static final Set<String> DROPPED = Set.of(
            "forwarded",
            "x-original-url",
            "x-original-forwarded-for",
            "x-rewrite-url",
            "proxy-connection",
            "x-http2-stream-id",
            "x-http2-scheme");

    private static final String HOST_OF_PROXIES = "x-original-host";

    private static final Set<String> ADDRESSES_OF_PROXIES = Set.of(
            "x-real-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-envoy-external-address",
            "true-client-ip",
            "fastly-client-ip",
            "cf-connecting-ip",
            "cf-connecting-ipv6");

    private final ClientAddress clients;
    private final boolean sendsXForwarded;
    private final boolean sendsForwarded;

    public ClientHeadersFilter(ClientAddress clients, boolean sendsXForwarded, boolean sendsForwarded) {
        this.clients = clients;
        this.sendsXForwarded = sendsXForwarded;
        this.sendsForwarded = sendsForwarded;
    }

    /**
     * The last: after Spring Cloud Gateway's own removals, and after those that the client's {@code Connection} asks
     * for.
     */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        if (exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST) == null) {
            // HTTP/1.0: Spring Cloud Gateway would fail on preserving it
            exchange.getAttributes().remove(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE);
        }
        RequestOrigin origin = clients.originOf(exchange.getRequest());
        HttpHeaders headers = WritableHeaders.without((name, values) -> !passes(name, values, origin), input, exchange);
        if (sendsXForwarded) {
            if (origin.isVouchedFor()) {
                addOthers(headers, exchange.getRequest().getHeaders());
            }
            setIfKnown(headers, "X-Forwarded-For", address(origin.client()));
            setIfKnown(headers, "X-Forwarded-Host", origin.host());
            headers.set("X-Forwarded-Proto", origin.scheme());
            headers.set("X-Forwarded-Port", Integer.toString(origin.port()));
        }
        if (sendsForwarded) {
            headers.set("Forwarded", forwarded(origin));
        }
        return headers;
    }

    private static boolean passes(String name, List<String> values, RequestOrigin origin) {
        String canonical = canonical(name);
        if (canonical.startsWith(X_FORWARDED) || DROPPED.contains(canonical)) {
            return false;
        }
        if (ADDRESSES_OF_PROXIES.contains(canonical)) {
            // a proxy lets its client's pass unless it writes that very header itself
            return origin.isVouchedFor() && values.stream().allMatch(value -> isThat(origin.client(), value));
        }
        return origin.isVouchedFor() || !canonical.equals(HOST_OF_PROXIES);
    }

    private static boolean isThat(@Nullable InetAddress client, String value) {
        return client != null && client.equals(ForwardedNode.address(value));
    }

    /** CGI and its heirs cannot tell {@code X_Real_IP} from {@code X-Real-IP}. */
    private static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code X-Forwarded-Prefix} and the like, which Spring Cloud Gateway removes, whoever wrote them. */
    private static void addOthers(HttpHeaders headers, HttpHeaders sent) {
        sent.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(X_FORWARDED) && lower.indexOf('_') < 0 && !OWN.contains(lower)) {
                headers.addAll(name, values);
            }
        });
    }

    private static void setIfKnown(HttpHeaders headers, String name, @Nullable String value) {
        if (value != null) {
            headers.set(name, value);
        }
    }

    private static @Nullable String address(@Nullable InetAddress client) {
        return client == null ? null : ForwardedNode.text(client);
    }

    private static String forwarded(RequestOrigin origin) {
        StringBuilder element = new StringBuilder("for=").append(node(origin.client()));
        if (origin.host() != null) {
            // the characters of a host need no escaping
            element.append(";host=\"").append(origin.host()).append('"');
        }
        return element.append(";proto=").append(origin.scheme()).toString();
    }

    private static String node(@Nullable InetAddress client) {
        if (client == null) {
            return "unknown";
        }
        String text = ForwardedNode.text(client);
        return client instanceof Inet6Address ? "\"[" + text + "]\"" : text;
    }
}
