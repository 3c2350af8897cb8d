package io.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClientRequest;

/**
 * A request as a backend is sent it: its body as it comes, and none where none came (RFC 9112, 6), whatever the method.
 * reactor-netty's client would hold the whole body of a {@code GET}, {@code HEAD} or {@code DELETE} in memory, and send an empty
 * one, in chunks, with any other. It goes by the method's name: such a request has another until its head is written.
 */
final class BackendRequest {
    private static final Set<String> HELD = Set.of("GET", "HEAD", "DELETE");
    /** Over HTTP/2 nobody says that there is none, and some backends answer 411 without it. */
    private static final Set<String> MEANT_TO_HAVE_A_BODY = Set.of("POST", "PUT", "PATCH");

    private static final String STREAMED = "-STREAMED";

    private final ServerWebExchange exchange;
    private final HttpHeaders headers;
    private final String method;
    private final boolean hasBody;

    /** @param headers those that are sent, but for {@code Host} */
    BackendRequest(ServerWebExchange exchange, HttpHeaders headers) {
        this.exchange = exchange;
        this.headers = headers;
        this.method = exchange.getRequest().getMethod().name();
        this.hasBody = isAnnounced(exchange.getRequest());
    }

    /** Whether the headers that came speak of a body. */
    static boolean isAnnounced(ServerHttpRequest request) {
        HttpHeaders came = request.getHeaders();
        return came.getContentLength() > 0 || came.containsHeader(HttpHeaders.TRANSFER_ENCODING);
    }

    /** Whether it is known that there is none: over HTTP/2 no header need say that there is one. */
    static boolean hasNone(ServerHttpRequest request) {
        return !isAnnounced(request)
                && ServerHttpRequestDecorator.getNativeRequest(request) instanceof Connection client
                && !(client.channel() instanceof Http2StreamChannel);
    }

    /** The method's name for the client that sends it. */
    String method() {
        return isHeld() ? method + STREAMED : method;
    }

    private boolean isHeld() {
        return hasBody && HELD.contains(method);
    }

    /** Writes the head, and says how the body is sent. */
    Publisher<Void> send(HttpClientRequest request, NettyOutbound outbound) {
        write(headers, host(), request.requestHeaders());
        outbound.withConnection(this::sendOn);
        if (!hasBody && MEANT_TO_HAVE_A_BODY.contains(method)) {
            request.requestHeaders().set(HttpHeaderNames.CONTENT_LENGTH, 0);
        } else if (hasBody && !headers.containsHeader(HttpHeaders.CONTENT_LENGTH)) {
            request.requestHeaders().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        if ((HELD.contains(method) || MEANT_TO_HAVE_A_BODY.contains(method)) && hasNone(exchange.getRequest())) {
            ArrivingRequest.isWhole(exchange);
            // reactor-netty takes that for a request which is its head alone
            return outbound;
        }
        return outbound.send(body());
    }

    private Flux<ByteBuf> body() {
        return exchange.getRequest().getBody().map(NettyDataBufferFactory::toByteBuf);
    }

    private void sendOn(Connection connection) {
        SecondAttempt.isSentOn(connection, exchange);
        if (isHeld()) {
            connection.channel().pipeline().addAfter(NettyPipeline.HttpCodec, null, new NameAgain(method));
        }
    }

    /** As the client named it, or as the backend is called where that is not asked for. */
    private @Nullable String host() {
        boolean isKept = exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false);
        return isKept ? exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST) : null;
    }

    /**
     * Writes the headers of a request, and none that reactor-netty's client would add.
     *
     * @param host null for the backend's own
     */
    static void write(HttpHeaders headers, @Nullable String host, io.netty.handler.codec.http.HttpHeaders to) {
        to.remove(HttpHeaderNames.USER_AGENT);
        to.remove(HttpHeaderNames.ACCEPT);
        to.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HttpHeaders.HOST)) {
                to.set(name, values);
            }
        });
        if (host != null) {
            to.set(HttpHeaders.HOST, host);
        }
    }

    /** Gives a request its method's name again, when its head goes out. */
    private static final class NameAgain extends ChannelOutboundHandlerAdapter {
        private final String method;

        private NameAgain(String method) {
            this.method = method;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (message instanceof HttpRequest request
                    && request.method().name().equals(method + STREAMED)) {
                request.setMethod(HttpMethod.valueOf(method));
            }
            context.pipeline().remove(this);
            super.write(context, message, promise);
        }
    }
}
