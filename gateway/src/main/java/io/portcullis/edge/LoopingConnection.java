package io.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection on which one request after the other is answered with 429 (RFC 6585, 4), and nothing else is asked.
 * It is not read from for a moment after each: what its client sends meanwhile stays in the socket, and then with the client
 * (RFC 9293, 3.8.6). So it costs an answer a second, however quickly it asks. Whoever waits as long as {@code Retry-After}
 * says hardly notices.
 *
 * <p>It stands in front of all that decodes, from the first 429 on. Confined to the connection's loop. What has its own clock,
 * or ends the connection from here, does so as ever; that the client has gone may be seen when the moment is over.
 */
final class LoopingConnection extends ChannelOutboundHandlerAdapter {
    /** What {@code Retry-After} says at least. */
    private static final long PAUSE_NANOS_MIN = Duration.ofSeconds(1).toNanos();

    /** All that began at once are not to go on at once. With a second of waiting an answer is still in time. */
    private static final long PAUSE_NANOS_MAX = Duration.ofSeconds(2).toNanos();

    private boolean hasAskedElse = true;
    private @Nullable Future<?> pause;

    private LoopingConnection() {}

    /**
     * A request on it is being answered with 429.
     *
     * @param client what the request came on: a connection, or a stream of one in HTTP/2
     * @return whether it is one that was read ahead of the pause
     */
    static boolean limited(Channel client) {
        Channel connection = connection(client);
        LoopingConnection known = connection.pipeline().get(LoopingConnection.class);
        if (known == null) {
            known = new LoopingConnection();
            connection.pipeline().addFirst(known);
        }
        boolean wasReadAhead = known.pause != null;
        if (known.hasAskedElse) {
            known.hasAskedElse = false;
        } else if (!wasReadAhead) {
            known.begin(connection);
        }
        return wasReadAhead;
    }

    /** A request on it is not one of too many. A client of others, such as a server that renders pages, has such between. */
    static void askedElse(Channel client) {
        LoopingConnection known = connection(client).pipeline().get(LoopingConnection.class);
        if (known != null) {
            known.hasAskedElse = true;
        }
    }

    private static Channel connection(Channel client) {
        return client instanceof Http2StreamChannel stream ? stream.parent() : client;
    }

    private void begin(Channel connection) {
        long nanos = ThreadLocalRandom.current().nextLong(PAUSE_NANOS_MIN, PAUSE_NANOS_MAX);
        pause = connection.eventLoop().schedule(() -> end(connection), nanos, TimeUnit.NANOSECONDS);
        // takes it from what the loop looks at, as to read nothing does not
        connection.config().setAutoRead(false);
    }

    private void end(Channel connection) {
        pause = null;
        connection.config().setAutoRead(true);
        connection.read();
    }

    /** Also where reactor-netty switches on again what was switched off: it does so at a request's end. */
    @Override
    public void read(ChannelHandlerContext context) throws Exception {
        if (pause == null) {
            super.read(context);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (pause != null) {
            pause.cancel(false);
        }
    }
}
