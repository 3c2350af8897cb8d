package io.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Set;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.util.context.Context;

/**
 * Sends each body as it comes, and none where none came (RFC 9112, 6). reactor-netty's client would hold the whole body of a
 * {@code GET}, {@code HEAD} or {@code DELETE} in memory, and send an empty one, in chunks, with any other method. It goes by
 * the method's name: such a request has another until its head is written.
 */
public final class ExactBodies implements GlobalFilter, HttpClientCustomizer, Ordered {
    private static final Set<String> HELD = Set.of("GET", "HEAD", "DELETE");
    private static final Set<String> MEANT_TO_HAVE_A_BODY = Set.of("POST", "PUT", "PATCH");
    private static final String STREAMED = "-STREAMED";

    /**
     * What came.
     *
     * @param method as the client named it
     */
    private record Came(String method, boolean withBody) {
        static Came with(ServerHttpRequest request) {
            HttpHeaders headers = request.getHeaders();
            boolean withBody = headers.getContentLength() > 0 || headers.containsHeader(HttpHeaders.TRANSFER_ENCODING);
            return new Came(request.getMethod().name(), withBody);
        }

        boolean wouldBeHeld() {
            return withBody && HELD.contains(method);
        }
    }

    /** The last but those that send. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Came came = Came.with(exchange.getRequest());
        ServerWebExchange sent = came.wouldBeHeld()
                ? exchange.mutate().request(renamed(exchange.getRequest())).build()
                : exchange;
        return chain.filter(sent).contextWrite(Context.of(Came.class, came));
    }

    private static ServerHttpRequest renamed(ServerHttpRequest request) {
        return new ServerHttpRequestDecorator(request) {
            @Override
            public org.springframework.http.HttpMethod getMethod() {
                return org.springframework.http.HttpMethod.valueOf(
                        super.getMethod().name() + STREAMED);
            }
        };
    }

    @Override
    public HttpClient customize(HttpClient client) {
        return client.doOnRequest((request, connection) -> request.currentContextView()
                .<Came>getOrEmpty(Came.class)
                .ifPresent(came -> {
                    if (came.wouldBeHeld()) {
                        nameAgain(connection, came.method());
                    } else if (!came.withBody()) {
                        request.requestHeaders().remove(HttpHeaderNames.TRANSFER_ENCODING);
                        if (MEANT_TO_HAVE_A_BODY.contains(came.method())) {
                            // over HTTP/2 nobody says so, and some answer 411 without it
                            request.requestHeaders().set(HttpHeaderNames.CONTENT_LENGTH, 0);
                        }
                    }
                }));
    }

    private static void nameAgain(Connection connection, String method) {
        connection.channel().pipeline().addAfter(NettyPipeline.HttpCodec, null, new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
                if (message instanceof HttpRequest request
                        && request.method().name().equals(method + STREAMED)) {
                    request.setMethod(HttpMethod.valueOf(method));
                }
                context.pipeline().remove(this);
                super.write(context, message, promise);
            }
        });
    }
}
