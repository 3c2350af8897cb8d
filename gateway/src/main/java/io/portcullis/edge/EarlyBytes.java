package io.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Stands in front of the codec and holds what a client sends behind the handshake of a WebSocket until that is answered: they
 * may be frames, and the codec would take them for a request. A client has to wait (RFC 6455, 4.1), and some do not. What
 * came in one piece with the handshake has been in the codec, and can be a request only.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    private static final int HELD_MAX = 65_536;
    private static final int EMPTY_LINE = 0x0d0a0d0a;

    private final Deque<ByteBuf> held = new ArrayDeque<>();
    private int heldBytes;
    private boolean isHolding;
    private boolean hasMissedSome;
    private int lastFour;

    /** What stands behind the codec and sees the handshake, and its answer. */
    ChannelHandler watch() {
        return new Watch();
    }

    /** Whether bytes behind the handshake went into the codec, and are no frames any more. */
    boolean hasMissedSome() {
        return hasMissedSome;
    }

    /** Lets go of all that is held, to whoever stands behind this. To be called on the channel's event loop. */
    void release(ChannelHandlerContext context) {
        isHolding = false;
        hasMissedSome = false;
        heldBytes = 0;
        boolean any = !held.isEmpty();
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            context.fireChannelRead(bytes);
        }
        if (any) {
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
        } else if (!isHolding) {
            for (int i = Math.max(bytes.readerIndex(), bytes.writerIndex() - 4); i < bytes.writerIndex(); i++) {
                lastFour = lastFour << 8 | bytes.getUnsignedByte(i);
            }
            context.fireChannelRead(bytes);
            hasMissedSome |= isHolding && lastFour != EMPTY_LINE;
        } else if (heldBytes + bytes.readableBytes() > HELD_MAX) {
            bytes.release();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            heldBytes += bytes.readableBytes();
            held.add(bytes);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        held.forEach(ByteBuf::release);
        held.clear();
    }

    private final class Watch extends ChannelDuplexHandler {
        private boolean isHandshake;
        private boolean isAgreed;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (isHolding) {
                hasMissedSome = true;
            } else if (message instanceof HttpRequest request) {
                // all other offers have been declined
                isHandshake = request.headers().contains(HttpHeaderNames.UPGRADE);
            }
            if (isHandshake && message instanceof LastHttpContent) {
                isHandshake = false;
                isHolding = true;
            }
            context.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (message instanceof HttpResponse response) {
                isAgreed = response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
            }
            super.write(context, message, promise);
            if (isHolding && !isAgreed && message instanceof LastHttpContent) {
                ChannelHandlerContext early = context.pipeline().context(EarlyBytes.this);
                if (early != null) {
                    context.executor().execute(() -> release(early));
                }
            }
        }
    }
}
