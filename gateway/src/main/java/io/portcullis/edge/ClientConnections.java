package io.portcullis.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.http.server.HttpServer;

/**
 * How many connections clients have to the public port. One more than there may be is closed before anything is read: what
 * is open goes on, and a process without file descriptors would not even do that.
 */
public final class ClientConnections {
    private final AtomicInteger open = new AtomicInteger();
    private final int max;
    private final Counter refused;

    /** @param max how many there may be at once; 0 is any number */
    public ClientConnections(int max, MeterRegistry meters) {
        this.max = max;
        this.refused = meters.counter("portcullis.connections.refused");
        meters.gauge("portcullis.connections.open", open);
    }

    /** Makes the server count, and refuse. */
    public HttpServer customize(HttpServer server) {
        return server.doOnChannelInit((observer, channel, remote) -> begin(channel));
    }

    private void begin(Channel channel) {
        boolean isOneTooMany = open.incrementAndGet() > max && max > 0;
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        if (isOneTooMany) {
            refused.increment();
            // not while its handlers are being put into it
            channel.eventLoop()
                    .execute(() -> channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE));
        }
    }
}
