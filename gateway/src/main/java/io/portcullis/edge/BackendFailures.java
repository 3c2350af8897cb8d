package io.portcullis.edge;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.FutureMono;
import reactor.netty.channel.AbortedException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

/**
 * Answers for a backend that cannot: 502 if it cannot be reached, breaks off or speaks no HTTP, 504 if it does not
 * answer in time, 503 if all connections to it are in use or it is not asked at the moment (RFC 9110, 15.6). Anything else that has no status of its own is a bug: 500. An answer that
 * has begun is broken off. What is logged of it has no query: clients put tokens there.
 */
public final class BackendFailures implements WebExceptionHandler, Ordered {
    private static final Logger log = LoggerFactory.getLogger(BackendFailures.class);

    @Override
    public int getOrder() {
        // before Spring Boot's own, which is at -1
        return -2;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        return (exchange.getResponse().isCommitted() ? Mono.<Void>error(failure) : answer(exchange, failure))
                .onErrorResume(e -> exchange.getResponse().isCommitted(), e -> breakOff(exchange, e));
    }

    private static Mono<Void> answer(ServerWebExchange exchange, Throwable failure) {
        forgetTheAnswer(exchange);
        if (failure instanceof BackendHeldBackException heldBack) {
            return JsonAnswer.unavailable(heldBack.retryAfter()).to(exchange);
        }
        if (isOutOfConnections(failure)) {
            return JsonAnswer.unavailable(1).to(exchange);
        }
        if (isTimeout(failure)) {
            return JsonAnswer.error(HttpStatus.GATEWAY_TIMEOUT, "The service did not answer in time")
                    .to(exchange);
        }
        if (isBrokenOff(failure)) {
            return JsonAnswer.error(HttpStatus.BAD_GATEWAY, "The service cannot be reached")
                    .to(exchange);
        }
        if (failure instanceof ErrorResponse spring
                && !spring.getStatusCode().isSameCodeAs(HttpStatus.INTERNAL_SERVER_ERROR)) {
            return Mono.error(failure);
        }
        ServerHttpRequest request = exchange.getRequest();
        log.error(
                "{} {} failed, route {}",
                request.getMethod(),
                path(exchange),
                route(exchange),
                PrintableFailure.of(failure, request));
        return JsonAnswer.failed().to(exchange);
    }

    /** Ends the connection: an answer that just stopped could be taken for whole. */
    private static Mono<Void> breakOff(ServerWebExchange exchange, Throwable failure) {
        if (!(ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse()) instanceof Connection client)) {
            return Mono.error(failure);
        }
        boolean hasClient = client.channel().isActive() && !(failure instanceof AbortedException);
        log.atLevel(hasClient ? Level.WARN : Level.DEBUG)
                .log(
                        "Answer broken off by {}: route {}, {}",
                        hasClient ? "the backend" : "the client",
                        route(exchange),
                        failure.getClass().getName());
        return FutureMono.from(client.channel().close());
    }

    private static String route(ServerWebExchange exchange) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        return route == null ? "none" : route.getId();
    }

    /** A variable of a path may be the token of a password reset. */
    private static String path(ServerWebExchange exchange) {
        String pattern = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ATTR);
        return pattern != null && pattern.contains("{")
                ? pattern
                : exchange.getRequest().getURI().getRawPath();
    }

    /** What the backend had said of an answer that is none: its cookies, where to go, what of. */
    private static void forgetTheAnswer(ServerWebExchange exchange) {
        ServerWebExchangeUtils.reset(exchange);
        exchange.getResponse().getHeaders().remove(HttpHeaders.TRAILER);
    }

    /** Whether the backend failed, and not the gateway. */
    static boolean isTheBackends(Throwable failure) {
        return isOutOfConnections(failure) || isTimeout(failure) || isBrokenOff(failure);
    }

    private static boolean isOutOfConnections(Throwable failure) {
        return failure instanceof PoolAcquireTimeoutException || failure instanceof PoolAcquirePendingLimitException;
    }

    private static boolean isBrokenOff(Throwable failure) {
        return failure instanceof IOException
                || failure instanceof AbortedException
                || failure instanceof DecoderException;
    }

    private static boolean isTimeout(Throwable failure) {
        return failure instanceof TimeoutException
                || failure instanceof ReadTimeoutException
                || failure instanceof ConnectTimeoutException
                || (failure instanceof ResponseStatusException status
                        && status.getStatusCode().isSameCodeAs(HttpStatus.GATEWAY_TIMEOUT));
    }
}
