package io.portcullis.edge;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Refuses the methods that speak to the gateway itself and that it has for no resource (RFC 9110, 15.6.2). A backend that
 * agreed to {@code CONNECT} would speak no HTTP on that connection any more, and the next request would be sent on it;
 * one that answered {@code TRACE} would show a page its cookies and who its client is. {@code OPTIONS *} asks whether the
 * server as a whole is there (9.3.7): it is.
 */
public final class MethodGuard implements RequestGuard {
    private static final Set<HttpMethod> REFUSED = Set.of(HttpMethod.valueOf("CONNECT"), HttpMethod.TRACE);

    @Override
    public @Nullable Mono<Void> refusal(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        if (REFUSED.contains(request.getMethod())) {
            // what follows may be meant for somebody behind a tunnel
            return JsonAnswer.last(HttpStatus.NOT_IMPLEMENTED, "Method not implemented")
                    .to(exchange);
        }
        if (!isOfTheServer(request)) {
            return null;
        }
        if (!request.getMethod().equals(HttpMethod.OPTIONS)) {
            return JsonAnswer.error(HttpStatus.BAD_REQUEST, "Bad request").to(exchange);
        }
        exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
        return exchange.getResponse().setComplete();
    }

    private static boolean isOfTheServer(ServerHttpRequest request) {
        return ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest wire
                && wire.uri().equals("*");
    }
}
