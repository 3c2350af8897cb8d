package io.portcullis.edge;

import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * When the head of an answer is sent. That of unknown length when the backend has sent it, and each piece of its body when that
 * comes: Spring would keep the head back until there is something of the body, which for server-sent events may be hours later.
 * Not that of an answer which may be changed: its head depends on what is found in the body. And that of a body which has come in
 * one piece together with it, where reactor-netty would send twice.
 */
public final class PromptHeads implements GlobalFilter, Ordered {

    /** Before those that change a body, so that what they make of it decides. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (exchange.getRequest().getMethod().equals(HttpMethod.HEAD)) {
            return chain.filter(exchange);
        }
        return chain.filter(
                exchange.mutate().response(new PromptResponse(exchange)).build());
    }

    private static final class PromptResponse extends ServerHttpResponseDecorator {
        private final ServerWebExchange exchange;

        private PromptResponse(ServerWebExchange exchange) {
            super(exchange.getResponse());
            this.exchange = exchange;
        }

        @Override
        public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
            return isOpenEnded()
                    ? super.writeWith(Flux.concat(Mono.fromSupplier(this::nothing), body))
                    : writeTogether(body);
        }

        private Mono<Void> writeTogether(Publisher<? extends DataBuffer> body) {
            long length = getHeaders().getContentLength();
            if (body instanceof Mono || length <= 0 || length > BodyWindow.PIECE_BYTES) {
                return super.writeWith(body);
            }
            return Flux.<DataBuffer>from(body)
                    .switchOnFirst((first, pieces) -> {
                        DataBuffer piece = first.get();
                        return piece != null && piece.readableByteCount() == length
                                ? super.writeWith(pieces.reduce(PromptResponse::withoutMore))
                                : super.writeWith(pieces);
                    })
                    // a piece that comes as the client leaves
                    .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                    .then();
        }

        /** Once it is over, its connection can be used again: the end is waited for, although nothing more is to come. */
        private static DataBuffer withoutMore(DataBuffer whole, DataBuffer more) {
            DataBufferUtils.release(more);
            return whole;
        }

        @Override
        public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
            return isOpenEnded()
                    ? super.writeAndFlushWith(Flux.concat(Mono.just(Mono.fromSupplier(this::nothing)), body))
                    : super.writeAndFlushWith(body);
        }

        private DataBuffer nothing() {
            return bufferFactory().wrap(new byte[0]);
        }

        private boolean isOpenEnded() {
            int status = getStatusCode() == null ? 200 : getStatusCode().value();
            return !IssuingResponse.isHeld(exchange)
                    && !getHeaders().containsHeader(HttpHeaders.CONTENT_LENGTH)
                    && status >= 200
                    && status != 204
                    && status != 205
                    && status != 304;
        }
    }
}
