package io.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClientResponse;

/**
 * WebSockets (RFC 6455). The backend is asked like for anything else; only when it agrees, with a 101 that proves it, client and
 * backend are connected to each other and speak as they like: the gateway looks at no frame. What it answers otherwise is an answer.
 */
public final class UpgradeFilter implements GlobalFilter, Ordered {
    @Override
    public int getOrder() {
        return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        boolean isAsked = Handshake.isAsked(exchange.getRequest());
        Mono<Void> answered = chain.filter(exchange).then(Mono.defer(() -> {
            HttpClientResponse answer = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
            if (answer == null || answer.status().code() != HttpStatus.SWITCHING_PROTOCOLS.value()) {
                return Mono.empty();
            }
            return isAsked && Handshake.isAgreed(exchange.getRequest(), answer)
                    ? connect(exchange)
                    : Mono.error(new IOException("a protocol that nobody had asked for"));
        }));
        return isAsked ? answered.contextWrite(BackendConnections.ofItsOwn()) : answered;
    }

    /** Ends when the client's connection does. */
    private static Mono<Void> connect(ServerWebExchange exchange) {
        Connection toBackend = exchange.getRequiredAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
        Connection toClient = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        FullHttpResponse agreement = agreement(exchange);
        Channel client = toClient.channel();
        CompletableFuture<Void> end = new CompletableFuture<>();
        client.closeFuture().addListener(closed -> {
            // there is nothing left to be written
            exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
            end.complete(null);
        });
        client.eventLoop().execute(() -> join(toClient, agreement, toBackend));
        return Mono.fromFuture(end, true);
    }

    private static void join(Connection toClient, FullHttpResponse agreement, Connection toBackend) {
        Channel client = toClient.channel();
        Channel backend = toBackend.channel();
        ChannelHandlerContext codec = client.pipeline().context(HttpServerCodec.class);
        ChannelHandlerContext traffic = client.pipeline().context(NettyPipeline.HttpTrafficHandler);
        ChannelHandlerContext toRawBackend = backend.pipeline().context(NettyPipeline.HttpCodec);
        EarlyBytes early = client.pipeline().get(EarlyBytes.class);
        if (codec == null || toRawBackend == null || early == null || early.hasMissedSome()) {
            // one of the two has ended since, or the client did not wait and a part of what it said is lost
            toClient.dispose();
            toBackend.dispose();
            return;
        }
        Tunnel fromClient = new Tunnel();
        client.pipeline().addBefore(codec.name(), Tunnel.NAME, fromClient);
        ChannelHandlerContext toRawClient = client.pipeline().context(fromClient);
        traffic.writeAndFlush(agreement).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        early.release(client.pipeline().context(early));
        fromClient.join(client, toRawBackend, () -> {});
        backend.eventLoop().execute(() -> {
            Tunnel fromBackend = backend.pipeline().get(Tunnel.class);
            if (fromBackend == null) {
                toClient.dispose();
            } else {
                // disposed of, it does not complain that the backend's answer has no end
                fromBackend.join(backend, toRawClient, toBackend::dispose);
            }
        });
    }

    private static FullHttpResponse agreement(ServerWebExchange exchange) {
        HttpClientResponse answer = exchange.getRequiredAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
        FullHttpResponse agreement =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        exchange.getResponse().getHeaders().forEach(agreement.headers()::set);
        agreement.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
        agreement.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        agreement.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
        agreement
                .headers()
                .set(
                        HttpHeaderNames.UPGRADE,
                        answer.responseHeaders().get(HttpHeaderNames.UPGRADE, Handshake.WEBSOCKET));
        return agreement;
    }
}
