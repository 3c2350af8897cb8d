package io.portcullis.edge;

import io.netty.util.AttributeKey;
import java.io.IOException;
import java.util.Set;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;

/**
 * Sends a request once more, on a new connection, if the one from the pool turned out dead before a byte of the answer: the
 * backend was restarted, or closed it at that very moment. Only requests that are idempotent (RFC 9110, 9.2.2) and have no
 * body; any other may have been carried out, and its client is told 502.
 */
public final class SecondAttempt implements GlobalFilter, Ordered {
    private static final Set<HttpMethod> IDEMPOTENT =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE);
    private static final AttributeKey<Boolean> USED = AttributeKey.valueOf(SecondAttempt.class, "used");
    private static final String FIRST = SecondAttempt.class.getName() + ".first";

    /** The last but those that send. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 2;
    }

    /** To be called when a request is about to be written to its connection. */
    static void isSentOn(Connection connection, ServerWebExchange exchange) {
        boolean wasUsed = connection.channel().attr(USED).getAndSet(true) != null;
        if (wasUsed && exchange.getAttribute(FIRST) instanceof FirstAttempt attempt) {
            attempt.isOnUsedConnection = true;
        }
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (!mayBeRepeated(exchange.getRequest())) {
            return chain.filter(exchange);
        }
        FirstAttempt first = new FirstAttempt(exchange.getRequest());
        ServerWebExchange watched = BackendRequest.hasNone(exchange.getRequest())
                ? exchange
                : exchange.mutate().request(first).build();
        exchange.getAttributes().put(FIRST, first);
        return chain.filter(watched)
                .onErrorResume(
                        SecondAttempt::isOfConnection,
                        failure -> first.isOnUsedConnection && !first.hasBody
                                ? repeat(watched, chain)
                                : Mono.error(failure));
    }

    /** A connection that closes while the request is written to it says so with an exception of reactor-netty's own. */
    private static boolean isOfConnection(Throwable failure) {
        return failure instanceof IOException || failure instanceof AbortedException;
    }

    private static Mono<Void> repeat(ServerWebExchange exchange, GatewayFilterChain chain) {
        ServerWebExchangeUtils.reset(exchange);
        return chain.filter(exchange).contextWrite(BackendConnections.ofItsOwn());
    }

    private static boolean mayBeRepeated(ServerHttpRequest request) {
        return IDEMPOTENT.contains(request.getMethod()) && !BackendRequest.isAnnounced(request);
    }

    /** A request that knows what became of it. */
    private static final class FirstAttempt extends ServerHttpRequestDecorator {
        private volatile boolean isOnUsedConnection;
        private volatile boolean hasBody;

        private FirstAttempt(ServerHttpRequest request) {
            super(request);
        }

        @Override
        public Flux<DataBuffer> getBody() {
            return super.getBody().doOnNext(buffer -> hasBody = true);
        }
    }
}
