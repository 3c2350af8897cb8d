package io.portcullis.edge;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2SettingsFrame;

/**
 * Makes a connection ready for large bodies as soon as a client speaks HTTP/2 on it: gives its codec the {@link
 * FrameCumulator}, and widens the window of flow control that all streams of the connection share. It begins with 64 KiB,
 * which no setting changes, only a WINDOW_UPDATE (RFC 9113, 6.9.2).
 */
@Sharable
final class ConnectionWindow extends ChannelInboundHandlerAdapter {
    private static final FrameCumulator CUMULATOR = new FrameCumulator();

    private final int bytes;

    /** @param bytes of request bodies that a client may send on one connection before the gateway has passed them on */
    ConnectionWindow(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2SettingsFrame) {
            context.pipeline().get(Http2FrameCodec.class).setCumulator(CUMULATOR);
            context.writeAndFlush(new DefaultHttp2WindowUpdateFrame(bytes - Http2CodecUtil.DEFAULT_WINDOW_SIZE))
                    .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            // a client may send more settings later
            context.pipeline().remove(this);
        }
        context.fireChannelRead(message);
    }
}
