package io.portcullis.redis;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A client of Redis for each event loop of the server, configured as the shared one: a refresh is read, asked for and answered
 * on one thread, where it would change it twice. There are none for a Cluster, which is many connections already, and where the
 * server's loops are not those that Lettuce can be on.
 */
public final class LoopClients implements SmartLifecycle, DisposableBean {
    private final List<LoopClient> clients = new ArrayList<>();
    private volatile boolean isRunning;

    /** One of them. */
    record LoopClient(EventLoop loop, LettuceConnectionFactory connections) {}

    private LoopClients() {}

    /**
     * Clients that are not connected.
     *
     * @param shared whose configuration they have
     * @param server where Redis is; null if it is not one server
     * @param loops the server's
     * @param connections how theirs are put together
     */
    public static LoopClients of(
            LettuceConnectionFactory shared,
            @Nullable RedisConfiguration server,
            EventLoopGroup loops,
            NettyCustomizer connections) {
        LoopClients made = new LoopClients();
        if (server != null && isLettuces(loops)) {
            for (EventExecutor loop : loops) {
                made.clients.add(client((EventLoop) loop, server, shared.getClientConfiguration(), connections));
            }
        }
        return made;
    }

    /** Of nobody: all threads share one connection. */
    static LoopClients none() {
        return new LoopClients();
    }

    private static boolean isLettuces(EventLoopGroup loops) {
        return EpollProvider.isAvailable()
                && loops instanceof IoEventLoopGroup group
                && group.isCompatible(EpollIoHandle.class);
    }

    private static LoopClient client(
            EventLoop loop, RedisConfiguration server, LettuceClientConfiguration shared, NettyCustomizer connections) {
        ClientResources resources = shared.getClientResources()
                .orElseThrow()
                .mutate()
                .eventLoopGroupProvider(new OneLoop(loop))
                .nettyCustomizer(connections)
                .build();
        LettuceConnectionFactory own = new LettuceConnectionFactory(server, new WithResources(shared, resources));
        own.afterPropertiesSet();
        return new LoopClient(loop, own);
    }

    List<LoopClient> all() {
        return clients;
    }

    /** The connections are left, and made anew when they are asked for. */
    void reset() {
        clients.forEach(client -> client.connections().resetConnection());
    }

    @Override
    public void start() {
        clients.forEach(client -> client.connections().start());
        isRunning = true;
    }

    /** While the loops still run. */
    @Override
    public void stop() {
        clients.forEach(client -> client.connections().stop());
        isRunning = false;
    }

    @Override
    public void destroy() {
        clients.forEach(client -> client.connections().destroy());
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    /** That of the shared client. */
    @Override
    public int getPhase() {
        return 0;
    }
}
