package io.portcullis.edge;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

/**
 * Answers for a backend that cannot: 502 if it cannot be reached, breaks off or speaks no HTTP, 504 if it does not answer in time, 503 if
 * all connections to it are in use (RFC 9110, 15.6). Anything else is a bug and left to Spring's 500.
 */
public final class BackendFailures implements WebExceptionHandler, Ordered {

    @Override
    public int getOrder() {
        // before Spring Boot's own, which is at -1
        return -2;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(failure);
        }
        forgetTheAnswer(exchange);
        if (failure instanceof PoolAcquireTimeoutException || failure instanceof PoolAcquirePendingLimitException) {
            return JsonAnswer.unavailable(exchange, 1);
        }
        if (isTimeout(failure)) {
            return JsonAnswer.error(exchange, HttpStatus.GATEWAY_TIMEOUT, "The service did not answer in time");
        }
        return failure instanceof IOException
                        || failure instanceof AbortedException
                        || failure instanceof DecoderException
                ? JsonAnswer.error(exchange, HttpStatus.BAD_GATEWAY, "The service cannot be reached")
                : Mono.error(failure);
    }

    /** What the backend had said of an answer that is none: its cookies, where to go, what of. */
    private static void forgetTheAnswer(ServerWebExchange exchange) {
        ServerWebExchangeUtils.reset(exchange);
        exchange.getResponse().getHeaders().remove(HttpHeaders.TRAILER);
    }

    private static boolean isTimeout(Throwable failure) {
        return failure instanceof TimeoutException
                || failure instanceof ReadTimeoutException
                || failure instanceof ConnectTimeoutException
                || (failure instanceof ResponseStatusException status
                        && status.getStatusCode().isSameCodeAs(HttpStatus.GATEWAY_TIMEOUT));
    }
}
