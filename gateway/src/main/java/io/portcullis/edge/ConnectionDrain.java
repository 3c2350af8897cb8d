package io.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServer;

/**
 * Asks clients to leave before the gateway ends, while it still answers all they send: in HTTP/1.1 by {@code Connection:
 * close} on each answer (RFC 9112, 9.6), in HTTP/2 by a GOAWAY that refuses no stream (RFC 9113, 6.8). A connection that is
 * closed without a word may be closed on a request that is just arriving, and a POST is not to be sent twice.
 */
public final class ConnectionDrain implements WebFilter, Ordered {
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile boolean isDraining;

    /** Makes the server tell of its connections. */
    public HttpServer customize(HttpServer server) {
        return server.doOnChannelInit((observer, channel, remote) -> open.add(channel));
    }

    /** From now on clients are asked to leave. */
    public void begin() {
        isDraining = true;
        open.forEach(channel -> channel.eventLoop().execute(() -> goAway(channel)));
    }

    private static void goAway(Channel channel) {
        ChannelHandlerContext codec = channel.pipeline().context(Http2FrameCodec.class);
        if (codec != null && !((Http2FrameCodec) codec.handler()).connection().goAwaySent()) {
            DefaultHttp2GoAwayFrame frame = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
            // what is under way to here must not be refused: netty makes the largest stream id of it
            frame.setExtraStreamIds(Integer.MAX_VALUE);
            Http2FrameCodec http2 = (Http2FrameCodec) codec.handler();
            http2.write(codec, frame, codec.newPromise());
            http2.flush(codec);
        }
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        // a handshake's answer has a Connection of its own
        if (!exchange.getRequest().getHeaders().containsHeader(HttpHeaders.UPGRADE)) {
            exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> endAfter(exchange)));
        }
        return chain.filter(exchange);
    }

    private void endAfter(ServerWebExchange exchange) {
        if (ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest()) instanceof Connection client
                && asksToLeave(client.channel())) {
            exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        }
    }

    /**
     * Whether an answer that is about to be written has a {@code Connection: close}: HTTP/2 knows no such header, netty leaves it
     * out there, and here the client is told by a GOAWAY.
     *
     * @param client what the request came on: a connection, or a stream of one in HTTP/2
     */
    boolean asksToLeave(Channel client) {
        if (isDraining && client.parent() != null) {
            // one that has come since
            Channel connection = client.parent();
            connection.eventLoop().execute(() -> goAway(connection));
        }
        return isDraining;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
