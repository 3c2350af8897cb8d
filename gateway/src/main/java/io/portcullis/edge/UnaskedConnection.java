package io.portcullis.edge;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client's connection go on which nothing is asked: one that is idle between requests, and sooner one that has begun
 * a head and does not end it. While a request is under way, or after a 101, it may be silent for as long as it likes. In
 * HTTP/2 streams are requests, and the end is a GOAWAY (RFC 9113, 6.8); a PING asks for nothing.
 */
final class UnaskedConnection extends ChannelDuplexHandler {
    private final long idleNanos;
    private final long headNanos;
    private long askedAt = System.nanoTime();
    private int underWay;
    private boolean isInterim;
    private boolean hasBegun;
    private boolean isHttp2;
    private @Nullable Future<?> idleCheck;
    private @Nullable Future<?> headCheck;

    /**
     * Stands behind the codec.
     *
     * @param idle how long nothing may be asked, from the connection's beginning or the last answer's end
     * @param head how long a head may take from its first byte
     */
    UnaskedConnection(Duration idle, Duration head) {
        this.idleNanos = idle.toNanos();
        this.headNanos = head.toNanos();
    }

    /** What stands in front of all that decodes, and sees bytes that are not a head yet. */
    ChannelHandler bytes() {
        return new Bytes();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        checkIn(context, idleNanos);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancel(idleCheck);
        cancel(headCheck);
    }

    /** One check looks after many requests: where something was asked in between, it looks again later. */
    private void checkIn(ChannelHandlerContext context, long nanos) {
        idleCheck = context.executor()
                .schedule(
                        () -> {
                            long left = isUnasked(context) ? idleNanos - (System.nanoTime() - askedAt) : idleNanos;
                            if (left <= 0) {
                                close(context);
                            } else {
                                checkIn(context, left);
                            }
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    private boolean isUnasked(ChannelHandlerContext context) {
        Http2FrameCodec http2 = context.pipeline().get(Http2FrameCodec.class);
        return http2 == null ? underWay == 0 : http2.connection().numActiveStreams() == 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            underWay++;
            headHasEnded();
        } else if (message instanceof Http2SettingsFrame) {
            isHttp2 = true;
            headHasEnded();
        } else if (message instanceof Http2HeadersFrame) {
            askedAt = System.nanoTime();
        }
        context.fireChannelRead(message);
    }

    private void headHasEnded() {
        hasBegun = false;
        cancel(headCheck);
        headCheck = null;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof HttpResponse response) {
            isInterim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }
        if (message instanceof LastHttpContent && !isInterim) {
            // a request that cannot be decoded may be answered before it is one
            underWay = Math.max(0, underWay - 1);
            askedAt = System.nanoTime();
        } else if (message instanceof Http2StreamFrame) {
            askedAt = System.nanoTime();
        }
        super.write(context, message, promise);
    }

    private static void close(ChannelHandlerContext context) {
        context.channel().close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private static void cancel(@Nullable Future<?> check) {
        if (check != null) {
            check.cancel(false);
        }
    }

    private final class Bytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            hasBegun |= underWay == 0 && !isHttp2;
            context.fireChannelRead(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            // most heads are one piece, and need no clock
            if (hasBegun && headCheck == null) {
                headCheck = context.executor().schedule(() -> close(context), headNanos, TimeUnit.NANOSECONDS);
            }
            context.fireChannelReadComplete();
        }
    }
}
