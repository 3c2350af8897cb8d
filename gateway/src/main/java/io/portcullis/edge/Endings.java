package io.portcullis.edge;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;

/**
 * What ends with a request, whichever filters asked for it: all together, when the head of a backend's 2xx has arrived and
 * before the client sees any of it. A client that leaves before, as browsers do that go to another page, changes nothing:
 * the backend may have carried out what it was asked for, and so its answer is waited for.
 */
final class Endings {
    private static final String OF_THE_REQUEST = Endings.class.getName();

    private final Duration patience;

    /** @param patience for a backend's answer, once its client has left */
    Endings(Duration patience) {
        this.patience = patience;
    }

    /** Has the request answered, and the ending made if the answer is 2xx. */
    Mono<Void> after(GatewayFilterChain chain, ServerWebExchange exchange, Mono<Void> ending) {
        Queue<Mono<Void>> known = exchange.getAttribute(OF_THE_REQUEST);
        if (known != null) {
            known.add(ending);
            return chain.filter(exchange);
        }
        Queue<Mono<Void>> all = new ConcurrentLinkedQueue<>();
        all.add(ending);
        exchange.getAttributes().put(OF_THE_REQUEST, all);
        return whetherOrNotTheClientStays(
                exchange,
                chain.filter(exchange)
                        // an ending that has begun is finished, whether or not patience lasts
                        .then(Mono.defer(
                                () -> hasSucceeded(exchange) ? Mono.when(all).cache() : Mono.empty())));
    }

    private Mono<Void> whetherOrNotTheClientStays(ServerWebExchange exchange, Mono<Void> call) {
        return Mono.deferContextual(context -> {
            AtomicBoolean hasLeft = new AtomicBoolean();
            Sinks.Empty<Void> left = Sinks.empty();
            return call.timeout(left.asMono().then(Mono.delay(patience)))
                    .doFinally(end -> {
                        if (hasLeft.get()) {
                            hangUp(exchange);
                        }
                    })
                    .contextWrite(context)
                    // its subscriber may go, the call goes on
                    .cache()
                    .doOnCancel(() -> {
                        hasLeft.set(true);
                        left.tryEmitEmpty();
                        hangUp(exchange);
                    });
        });
    }

    /** The rest of an answer that has begun is nobody's. */
    private static void hangUp(ServerWebExchange exchange) {
        Connection backend = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
        if (backend != null) {
            backend.dispose();
        }
    }

    private static boolean hasSucceeded(ServerWebExchange exchange) {
        HttpClientResponse answer = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
        return answer != null && answer.status().code() / 100 == 2;
    }
}
