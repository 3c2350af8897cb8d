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
 * ends with its connection.
 */
final class Http10Answers extends ChannelDuplexHandler {
    private boolean isHttp10;
    private boolean endsWithTheConnection;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            isHttp10 = HttpVersion.HTTP_1_0.equals(request.protocolVersion());
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (isHttp10 && message instanceof HttpResponse response && HttpUtil.isTransferEncodingChunked(response)) {
            response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            endsWithTheConnection = true;
        }
        ChannelPromise written = promise.unvoid();
        if (endsWithTheConnection && message instanceof LastHttpContent) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
        super.write(context, message, written);
    }
}
