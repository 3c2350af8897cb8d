package io.portcullis.edge;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request that knows whether its body is still arriving, or broke off. As long as it is, its client decides how long that takes: a
 * backend is late only once it has been given everything.
 */
final class ArrivingRequest extends ServerHttpRequestDecorator {
    private static final String WATCHED = ArrivingRequest.class.getName();

    private final CompletableFuture<Void> arrived = new CompletableFuture<>();
    private volatile boolean hasBegun;
    private volatile boolean isBrokenOff;
    private volatile long arrivedAt;

    private ArrivingRequest(ServerHttpRequest request) {
        super(request);
    }

    /** The exchange's request, watched from now on. */
    static ArrivingRequest of(ServerWebExchange exchange) {
        ArrivingRequest watched = new ArrivingRequest(exchange.getRequest());
        exchange.getAttributes().put(WATCHED, watched);
        return watched;
    }

    /** To be called when a request that has no body is sent, of which nobody asks for it. */
    static void isWhole(ServerWebExchange exchange) {
        if (exchange.getAttribute(WATCHED) instanceof ArrivingRequest watched) {
            watched.hasArrived();
        }
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return super.getBody()
                .doOnSubscribe(subscription -> hasBegun = true)
                .doOnError(failure -> isBrokenOff = true)
                .doOnTerminate(this::hasArrived);
    }

    private void hasArrived() {
        if (!arrived.isDone()) {
            arrivedAt = System.nanoTime();
            arrived.complete(null);
        }
    }

    /** Whether the client did not send all of it. */
    boolean isBrokenOff() {
        return isBrokenOff;
    }

    /** Says when there should have been an answer: so long after the body's end, or after now, if the body is not asked for. */
    Mono<Long> lateAfter(Duration limit) {
        return Mono.delay(limit).flatMap(now -> {
            if (arrived.isDone()) {
                return Mono.delay(limit.minusNanos(System.nanoTime() - arrivedAt));
            }
            return hasBegun ? Mono.fromFuture(arrived, true).then(Mono.delay(limit)) : Mono.just(now);
        });
    }
}
