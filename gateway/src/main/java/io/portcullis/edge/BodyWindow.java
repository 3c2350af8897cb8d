package io.portcullis.edge;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import reactor.netty.ReactorNetty;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/**
 * How much of a body is in memory while one end sends it quicker than the other takes it: what is read at once, and the pieces
 * that wait to be written. Together a quarter of a megabyte at most. As reactor-netty comes it is more than one, and to take a
 * byte a second costs a client nothing.
 */
public final class BodyWindow implements HttpClientCustomizer {
    /** Each goes its own way through the gateway: of smaller ones a body costs more. */
    static final int PIECE_BYTES = 64 * 1024;

    private static final int PIECES_READ_AT_ONCE = 1;
    private static final int PIECES_WRITTEN_AHEAD = 2;

    /** To be called before anything is sent: reactor-netty reads it once. Whoever has set it already is right. */
    public static void limitPiecesWrittenAhead() {
        if (System.getProperty(ReactorNetty.REACTOR_NETTY_SEND_MAX_PREFETCH_SIZE) == null) {
            System.setProperty(
                    ReactorNetty.REACTOR_NETTY_SEND_MAX_PREFETCH_SIZE, Integer.toString(PIECES_WRITTEN_AHEAD));
        }
    }

    /** What backends answer. */
    @Override
    public HttpClient customize(HttpClient client) {
        return client.option(ChannelOption.RECVBUF_ALLOCATOR, pieces());
    }

    /** What clients ask. */
    public HttpServer customize(HttpServer server) {
        return server.childOption(ChannelOption.RECVBUF_ALLOCATOR, pieces());
    }

    private static RecvByteBufAllocator pieces() {
        return new AdaptiveRecvByteBufAllocator(512, 2048, PIECE_BYTES).maxMessagesPerRead(PIECES_READ_AT_ONCE);
    }
}
