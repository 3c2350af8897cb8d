package io.portcullis.edge;

import io.netty.util.concurrent.EventExecutor;
import io.portcullis.limit.Admission.TooMany;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** A refresh request that is an exchange of Spring's. */
record RoutedRefresh(ServerWebExchange exchange, ClientAddress clients, RefreshLimits limits) implements RefreshCall {

    @Override
    public HttpHeaders headers() {
        return exchange.getRequest().getHeaders();
    }

    @Override
    public Mono<ReceivedBody> body(int limit, int readMax, Duration timeout) {
        return ReceivedBody.of(exchange.getRequest().getBody(), limit, readMax, timeout);
    }

    @Override
    public @Nullable EventExecutor loop() {
        return null;
    }

    @Override
    public @Nullable InetAddress client() {
        return clients.of(exchange);
    }

    @Override
    public ClientRequest forBackends(ByteBuffer body) {
        return new ClientRequest(exchange, body);
    }

    @Override
    public boolean isAnswered() {
        return ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse())
                        instanceof HttpServerResponse server
                && server.hasSentHeaders();
    }

    @Override
    public Mono<Void> answer(JsonAnswer answer) {
        return answer.to(exchange);
    }

    @Override
    public Mono<Void> refuse(TooMany by) {
        return limits.refuse(exchange, by);
    }
}
