package io.portcullis.edge;

import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Refuses a request with more than one {@code Host} (RFC 9112, 3.2): the gateway would go by one of them, and a backend or a
 * cache perhaps by another. One of HTTP/1.1 without any is refused too.
 */
public final class HostGuard implements RequestGuard {

    @Override
    public @Nullable Mono<Void> refusal(ServerWebExchange exchange) {
        int hosts =
                exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.HOST).size();
        if (hosts == 1 || (hosts == 0 && mayLackHost(exchange.getRequest()))) {
            return null;
        }
        return JsonAnswer.last(HttpStatus.BAD_REQUEST, "Bad request").to(exchange);
    }

    private static boolean mayLackHost(ServerHttpRequest request) {
        return !(ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest wire
                && wire.version().equals(HttpVersion.HTTP_1_1));
    }
}
