package io.portcullis.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;

/**
 * Drops the interim answers of backends (RFC 9110, 15.2), such as {@code 103 Early Hints}: reactor-netty's client would take
 * the first of them for the answer. {@code 100} is its own business, and {@code 101} is no interim answer: from it on, a
 * {@link Tunnel} has the connection.
 */
public final class InterimAnswers implements HttpClientCustomizer {
    private static final String NAME = "interimAnswers";

    @Override
    public HttpClient customize(HttpClient client) {
        return client.doOnChannelInit((observer, channel, remote) -> {
            if (channel.pipeline().get(NettyPipeline.HttpCodec) != null) {
                channel.pipeline().addAfter(NettyPipeline.HttpCodec, NAME, new Handler());
            }
        });
    }

    private static final class Handler extends ChannelInboundHandlerAdapter {
        private boolean isInterim;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                // what the codec found is of many types, and some are those of bugs
                object.setDecoderResult(DecoderResult.failure(
                        new DecoderException(object.decoderResult().cause())));
            }
            if (message instanceof HttpResponse response) {
                HttpResponseStatus status = response.status();
                if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                    context.fireChannelRead(message);
                    // from here on there are bytes; the tunnel is joined later, in a task of this event loop
                    context.pipeline().replace(this, Tunnel.NAME, new Tunnel());
                    return;
                }
                isInterim = status.codeClass() == HttpStatusClass.INFORMATIONAL
                        && !status.equals(HttpResponseStatus.CONTINUE);
            }
            if (!isInterim) {
                context.fireChannelRead(message);
                return;
            }
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                isInterim = false;
                // nobody has seen anything, so nobody else asks for more
                context.read();
            }
        }
    }
}
