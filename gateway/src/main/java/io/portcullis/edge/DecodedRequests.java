package io.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * The place in a server's connection where requests come out of the codec and nobody has looked at them yet, in HTTP/1.1
 * and in HTTP/2: {@link UpgradeOffers}, {@link RequestTargets}, {@link Http10Answers}, {@link EarlyBytes}, {@link
 * ConnectionWindow} and {@link UnaskedConnection} stand there. Over TLS it is known only once the protocol has been negotiated (ALPN, RFC 7301).
 */
public final class DecodedRequests {
    private static final String UPGRADE_OFFERS = "upgradeOffers";
    private static final String REQUEST_TARGETS = "requestTargets";
    private static final String HTTP_1_0_ANSWERS = "http10Answers";
    private static final String EARLY_BYTES = "earlyBytes";
    private static final String CONNECTION_WINDOW = "connectionWindow";
    private static final String UNASKED_CONNECTION = "unaskedConnection";
    private static final String NEGOTIATION = "requestsOnceNegotiated";

    private final UpgradeOffers upgradeOffers = new UpgradeOffers();
    private final RequestTargets requestTargets = new RequestTargets();
    private final ConnectionWindow connectionWindow = new ConnectionWindow(Http2Limits.CONNECTION_WINDOW_BYTES);

    private final Duration idleTimeout;
    private final Duration headTimeout;

    /**
     * The handlers.
     *
     * @param idleTimeout how long nothing may be asked on a connection
     * @param headTimeout how long a head may take from its first byte
     */
    public DecodedRequests(Duration idleTimeout, Duration headTimeout) {
        this.idleTimeout = idleTimeout;
        this.headTimeout = headTimeout;
    }

    /** Puts the handlers into the server's connections. */
    public HttpServer customize(HttpServer server) {
        return server.doOnChannelInit((observer, channel, remote) -> {
            ChannelPipeline pipeline = channel.pipeline();
            if (!place(pipeline) && pipeline.get(NettyPipeline.H2OrHttp11Codec) != null) {
                pipeline.addAfter(NettyPipeline.H2OrHttp11Codec, NEGOTIATION, new Negotiation());
            }
        });
    }

    private boolean place(ChannelPipeline pipeline) {
        ChannelHandlerContext codec = codec(pipeline);
        if (codec == null) {
            return false;
        }
        // before HTTP/2 is spoken by prior knowledge its codec takes the place of the other one: the handlers stay
        pipeline.addAfter(codec.name(), REQUEST_TARGETS, requestTargets);
        EarlyBytes earlyBytes = new EarlyBytes();
        pipeline.addBefore(codec.name(), EARLY_BYTES, earlyBytes);
        pipeline.addAfter(codec.name(), EARLY_BYTES + "Watch", earlyBytes.watch());
        pipeline.addAfter(codec.name(), UPGRADE_OFFERS, upgradeOffers);
        pipeline.addAfter(codec.name(), HTTP_1_0_ANSWERS, new Http10Answers());
        pipeline.addAfter(codec.name(), CONNECTION_WINDOW, connectionWindow);
        UnaskedConnection unasked = new UnaskedConnection(idleTimeout, headTimeout);
        pipeline.addAfter(codec.name(), UNASKED_CONNECTION, unasked);
        pipeline.addBefore(firstToDecode(pipeline, codec), UNASKED_CONNECTION + "Bytes", unasked.bytes());
        return true;
    }

    private static @Nullable ChannelHandlerContext codec(ChannelPipeline pipeline) {
        ChannelHandlerContext http1 = pipeline.context(HttpServerCodec.class);
        return http1 == null ? pipeline.context(Http2FrameCodec.class) : http1;
    }

    /** In clear that is who looks for HTTP/2's preface (RFC 9113, 3.4), and keeps what may become one. */
    private static String firstToDecode(ChannelPipeline pipeline, ChannelHandlerContext codec) {
        return pipeline.get(NettyPipeline.H2CUpgradeHandler) == null ? codec.name() : NettyPipeline.H2CUpgradeHandler;
    }

    /** Stands behind the negotiation, and gives way as soon as that has put the codec into the connection. */
    private final class Negotiation extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            placeAndGo(context);
            context.fireUserEventTriggered(event);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            placeAndGo(context);
            context.fireChannelRead(message);
        }

        private void placeAndGo(ChannelHandlerContext context) {
            if (place(context.pipeline())) {
                context.pipeline().remove(this);
            }
        }
    }
}
