package io.portcullis.edge;

import java.util.Arrays;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * What the gateway says to the backend as its own next hop (RFC 9110, 7.6.1), after what the client said to the gateway was
 * removed: that it asks for a WebSocket, and that trailers are welcome, where the client said so.
 */
public final class NextHopHeaders implements HttpHeadersFilter, Ordered {

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        HttpHeaders headers = WritableHeaders.of(input, exchange);
        HttpHeaders sent = exchange.getRequest().getHeaders();
        if (Handshake.isAsked(exchange.getRequest())) {
            headers.add(HttpHeaders.CONNECTION, "Upgrade");
            headers.set(HttpHeaders.UPGRADE, sent.getUpgrade());
        }
        if (sent.getOrEmpty(HttpHeaders.TE).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .anyMatch(coding -> coding.trim().equalsIgnoreCase("trailers"))) {
            headers.add(HttpHeaders.CONNECTION, "TE");
            headers.set(HttpHeaders.TE, "trailers");
        }
        return headers;
    }
}
