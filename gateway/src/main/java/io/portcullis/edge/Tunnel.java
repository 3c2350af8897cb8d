package io.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One end of two connections that were made one: what arrives here is written to the other, byte for byte, and no faster than
 * that one takes it; when this one ends, the other does, after its last byte. Until it is joined it reads no more and keeps
 * what has already been read.
 */
final class Tunnel extends ChannelInboundHandlerAdapter {
    static final String NAME = "tunnel";

    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext exit;
    private Runnable atEnd = () -> {};

    /**
     * Opens this end. To be called on its channel's event loop.
     *
     * @param channel the one that this handler is in
     * @param exit where bytes are written to: a context of the other channel beyond which nothing speaks HTTP
     * @param atEnd what is done first when the channel has ended
     */
    void join(Channel channel, ChannelHandlerContext exit, Runnable atEnd) {
        this.exit = exit;
        this.atEnd = atEnd;
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            exit.write(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
        exit.flush();
        if (channel.isActive()) {
            channel.config().setAutoRead(exit.channel().isWritable());
        } else {
            closeExit(exit);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            // the end of the 101, or what came of bytes that were sent before it
            ReferenceCountUtil.release(message);
        } else if (exit == null) {
            early.add(bytes);
        } else {
            exit.write(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (exit != null) {
            exit.flush();
            if (!exit.channel().isWritable()) {
                context.channel().config().setAutoRead(false);
                // it may have become writable in between, on its own event loop, and has said so already
                if (exit.channel().isWritable()) {
                    context.channel().config().setAutoRead(true);
                }
            }
        }
    }

    /** This end can take more again, or can not: the other end reads, or waits. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (exit != null) {
            exit.channel().config().setAutoRead(context.channel().isWritable());
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (exit != null) {
            closeExit(exit);
        }
        atEnd.run();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        early.forEach(ByteBuf::release);
        early.clear();
    }

    private static void closeExit(ChannelHandlerContext exit) {
        exit.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
