package io.portcullis.edge;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Sends no chunks to a client of HTTP/1.0, which would take them for the body (RFC 9112, 6.1): an answer without a length
 * ends with its connection. One that asked to keep the connection is told if it is kept (C.2.2): it would wait for its end.
 */
final class Http10Answers extends ChannelDuplexHandler {
    private boolean isHttp10;
    private boolean asksToKeep;
    private boolean endsWithTheConnection;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            isHttp10 = HttpVersion.HTTP_1_0.equals(request.protocolVersion());
            asksToKeep = HttpUtil.isKeepAlive(request);
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (isHttp10 && message instanceof HttpResponse response) {
            if (HttpUtil.isTransferEncodingChunked(response)) {
                response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
                endsWithTheConnection = true;
            } else if (asksToKeep && HttpUtil.isKeepAlive(response)) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
            }
        }
        ChannelPromise written = promise.unvoid();
        if (endsWithTheConnection && message instanceof LastHttpContent) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
        super.write(context, message, written);
    }
}
