package io.portcullis.edge;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A request that knows whether its body is still arriving, or broke off. As long as it is, its client decides how long that takes: a
 * backend is late only once it has been given everything.
 */
final class ArrivingRequest extends ServerHttpRequestDecorator {
    private final CompletableFuture<Void> arrived = new CompletableFuture<>();
    private volatile boolean hasBegun;
    private volatile boolean isBrokenOff;
    private volatile long arrivedAt;

    ArrivingRequest(ServerHttpRequest request) {
        super(request);
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return super.getBody()
                .doOnSubscribe(subscription -> hasBegun = true)
                .doOnError(failure -> isBrokenOff = true)
                .doOnTerminate(() -> {
                    if (!arrived.isDone()) {
                        arrivedAt = System.nanoTime();
                        arrived.complete(null);
                    }
                });
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
