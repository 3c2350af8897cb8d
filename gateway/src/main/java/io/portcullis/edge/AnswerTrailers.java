package io.portcullis.edge;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.TrailerHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClientResponse;

/**
 * The trailers of an answer (RFC 9110, 6.5): announced in {@code Trailer} as the backend announced them, and passed, but for
 * those that may not be trailers and for what they say of bytes that {@link IssuingResponse} changed.
 */
public final class AnswerTrailers implements GlobalFilter, HttpHeadersFilter, TrailerHeadersFilter, Ordered {
    private static final String TRAILER = "Trailer";
    /** With these, netty refuses to write the end of an answer. */
    private static final Set<String> NO_TRAILERS = Set.of("content-length", "transfer-encoding", "trailer");

    @Override
    public int getOrder() {
        return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        return chain.filter(exchange).then(Mono.fromRunnable(() -> {
            HttpClientResponse answer = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
            ServerHttpResponse response = exchange.getResponse();
            if (answer != null && answer.responseHeaders().contains(TRAILER) && !response.isCommitted()) {
                response.getHeaders().addAll(TRAILER, answer.responseHeaders().getAll(TRAILER));
            }
        }));
    }

    @Override
    public HttpHeaders filter(HttpHeaders headers, ServerWebExchange exchange) {
        return headers;
    }

    @Override
    public HttpHeaders trailers(@Nullable HttpHeaders arrived, ServerWebExchange exchange) {
        HttpHeaders trailers = new HttpHeaders();
        if (arrived != null) {
            boolean changed = IssuingResponse.isChanged(exchange);
            arrived.forEach((name, values) -> {
                if (!NO_TRAILERS.contains(name.toLowerCase(Locale.ROOT))
                        && !(changed && IssuingResponse.isOfTheBytes(name))) {
                    trailers.addAll(name, values);
                }
            });
        }
        return trailers;
    }
}
