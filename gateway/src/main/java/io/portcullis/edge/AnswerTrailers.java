package io.portcullis.edge;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Passes the trailers of an answer (RFC 9110, 6.5) that announces them in {@code Trailer}. Those that may not be trailers,
 * such as {@code Content-Length}, are dropped.
 */
public final class AnswerTrailers implements GlobalFilter, Ordered {
    private static final String TRAILER = "Trailer";

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
                pass(answer, nativeResponse(response));
            }
        }));
    }

    private static void pass(HttpClientResponse answer, HttpServerResponse response) {
        HttpHeaders arrived = new DefaultHttpHeaders();
        answer.trailerHeaders().subscribe(arrived::add);
        response.trailerHeaders(trailers -> arrived.forEach(trailer -> {
            try {
                trailers.add(trailer.getKey(), trailer.getValue());
            } catch (IllegalArgumentException e) {
                // not one that may come after the content
            }
        }));
    }

    private static HttpServerResponse nativeResponse(ServerHttpResponse response) {
        ServerHttpResponse inner = response;
        while (inner instanceof ServerHttpResponseDecorator decorator) {
            inner = decorator.getDelegate();
        }
        return ((AbstractServerHttpResponse) inner).getNativeResponse();
    }
}
