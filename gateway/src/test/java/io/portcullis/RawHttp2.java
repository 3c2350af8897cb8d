package io.portcullis;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/** An HTTP/2 connection over which frames go as a test says, however odd. */
public final class RawHttp2 implements AutoCloseable {
    private static final int PIECE = 16_384;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Http2FrameCodec codec = Http2FrameCodecBuilder.forClient()
            .validateHeaders(false)
            .encoderIgnoreMaxHeaderListSize(true)
            .build();
    private final Frames frames = new Frames();
    private final BlockingQueue<Http2Frame> received = new LinkedBlockingQueue<>();
    private final Channel channel;

    /**
     * An answer.
     *
     * @param status that of {@code :status}
     * @param headers the others too
     * @param body all of it
     * @param trailers empty if there were none
     */
    public record Answer(int status, Http2Headers headers, String body, Http2Headers trailers) {}

    private final class Frames extends Http2ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            received.add((Http2Frame) frame);
        }
    }

    private RawHttp2(int port, SslContext tls) {
        channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc(), "127.0.0.1", port));
                        }
                        channel.pipeline().addLast(codec, frames);
                    }
                })
                .connect("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    public static RawHttp2 connect(int port) {
        return new RawHttp2(port, null);
    }

    /** Over TLS, offering nothing but HTTP/2. */
    public static RawHttp2 connect(int port, ServerKey key) {
        try {
            return new RawHttp2(
                    port,
                    SslContextBuilder.forClient()
                            .trustManager(key.trustManager())
                            .applicationProtocolConfig(new ApplicationProtocolConfig(
                                    ApplicationProtocolConfig.Protocol.ALPN,
                                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                    ApplicationProtocolNames.HTTP_2))
                            .build());
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The head of a request with {@code :authority} {@code api.example}; headers as name, value, name, value. */
    public static Http2Headers head(String method, String path, String... headers) {
        Http2Headers head = new DefaultHttp2Headers(false)
                .method(method)
                .path(path)
                .scheme("http")
                .authority("api.example");
        for (int i = 0; i < headers.length; i += 2) {
            head.add(headers[i], headers[i + 1]);
        }
        return head;
    }

    /** Begins a stream. */
    public Http2FrameStream begin(Http2Headers head, boolean ends) {
        Http2FrameStream stream = frames.newStream();
        channel.writeAndFlush(new DefaultHttp2HeadersFrame(head, ends).stream(stream))
                .syncUninterruptibly();
        return stream;
    }

    public void data(Http2FrameStream stream, String text, boolean ends) {
        channel.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), ends)
                        .stream(stream))
                .syncUninterruptibly();
    }

    /** Writes a body of so many bytes as fast as flow control allows; counts those that went. */
    public AtomicLong pour(Http2FrameStream stream, int bytes) {
        AtomicLong gone = new AtomicLong();
        for (int left = bytes; left > 0; left -= PIECE) {
            int size = Math.min(left, PIECE);
            channel.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[size]), size == left)
                            .stream(stream))
                    .addListener(written -> gone.addAndGet(written.isSuccess() ? size : 0));
        }
        channel.flush();
        return gone;
    }

    /** Ends a stream with trailers; as name, value. */
    public void trailers(Http2FrameStream stream, String name, String value) {
        channel.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).add(name, value), true)
                        .stream(stream))
                .syncUninterruptibly();
    }

    /** Sends RST_STREAM. */
    public void reset(Http2FrameStream stream) {
        channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(stream));
    }

    /** A whole exchange. */
    public Answer exchange(Http2Headers head, String body) {
        Http2FrameStream stream = begin(head, body.isEmpty());
        if (!body.isEmpty()) {
            data(stream, body, true);
        }
        return answer();
    }

    /** The answer to the only request that is open; a reset stream is an error. */
    public Answer answer() {
        Http2Headers head = null;
        StringBuilder body = new StringBuilder();
        while (true) {
            Http2Frame frame = next(each -> each instanceof Http2HeadersFrame
                    || each instanceof Http2DataFrame
                    || each instanceof Http2ResetFrame
                    || each instanceof Http2GoAwayFrame);
            if (frame instanceof Http2HeadersFrame headers) {
                boolean trailers = head != null;
                if (!trailers && headers.headers().status().charAt(0) == '1') {
                    continue;
                }
                head = trailers ? head : headers.headers();
                if (headers.isEndStream()) {
                    return answer(head, body, trailers ? headers.headers() : new DefaultHttp2Headers());
                }
            } else if (frame instanceof Http2DataFrame data) {
                body.append(data.content().toString(StandardCharsets.UTF_8));
                data.release();
                if (data.isEndStream()) {
                    return answer(head, body, new DefaultHttp2Headers());
                }
            } else {
                throw new AssertionError("no answer: " + frame);
            }
        }
    }

    private static Answer answer(Http2Headers head, StringBuilder body, Http2Headers trailers) {
        return new Answer(Integer.parseInt(head.status().toString()), head, body.toString(), trailers);
    }

    /** What the server said of itself in its first frame. */
    public Http2Settings settings() {
        return ((Http2SettingsFrame) next(Http2SettingsFrame.class::isInstance)).settings();
    }

    public Http2GoAwayFrame goAway() {
        return (Http2GoAwayFrame) next(Http2GoAwayFrame.class::isInstance);
    }

    public Http2ResetFrame reset() {
        return (Http2ResetFrame) next(Http2ResetFrame.class::isInstance);
    }

    /** Waits until the server has closed the connection. */
    public boolean isClosed() {
        return channel.closeFuture().awaitUninterruptibly(20, TimeUnit.SECONDS);
    }

    private Http2Frame next(Predicate<Http2Frame> wanted) {
        try {
            for (Http2Frame frame = poll(); frame != null; frame = poll()) {
                if (wanted.test(frame)) {
                    return frame;
                }
            }
            throw new AssertionError("no such frame came");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Http2Frame poll() throws InterruptedException {
        return received.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
