package io.portcullis;

import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.portcullis.limit.Overload;
import io.portcullis.redis.LoopClients;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.client.ReactorResourceFactory;

/** How Redis is connected to, whoever uses the connection. Where it is and with what is Spring Boot's to read. */
@Configuration(proxyBeanMethods = false)
class LettuceConfiguration {
    private static final Duration CLUSTER_ASKED_AGAIN_AFTER = Duration.ofSeconds(1);
    private static final int FLUSHED_AT_ONCE_MAX = 64;

    @Bean
    LettuceClientOptionsBuilderCustomizer lettuceOptions() {
        return options -> options
                // a command is sent once: whoever asked decides whether to ask again
                .replayFilter(command -> true)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(10_000)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .keepAlive(KeepAliveOptions.builder()
                                .enable()
                                .idle(Duration.ofSeconds(5))
                                .interval(Duration.ofSeconds(1))
                                .count(3)
                                .build())
                        .tcpUserTimeout(TcpUserTimeoutOptions.builder()
                                .enable()
                                .tcpUserTimeout(Duration.ofSeconds(5))
                                .build())
                        .build());
    }

    /** Of a cluster: who has which slots is asked again as soon as something points to a change. */
    @Bean
    LettuceClientOptionsBuilderCustomizer lettuceClusterOptions() {
        return options -> {
            if (options instanceof ClusterClientOptions.Builder cluster) {
                cluster.topologyRefreshOptions(askedAgainSoon(cluster.build().getTopologyRefreshOptions()));
            }
        };
    }

    /** As {@code spring.data.redis.lettuce.cluster.refresh} has it, which has no property for this. */
    private static ClusterTopologyRefreshOptions askedAgainSoon(ClusterTopologyRefreshOptions configured) {
        return ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(configured.isPeriodicRefreshEnabled())
                .refreshPeriod(configured.getRefreshPeriod())
                .dynamicRefreshSources(configured.useDynamicRefreshSources())
                .closeStaleConnections(configured.isCloseStaleConnections())
                // Lettuce's own 5 s begin when the master goes, and a failover is over sooner
                .adaptiveRefreshTriggersTimeout(CLUSTER_ASKED_AGAIN_AFTER)
                .refreshTriggersReconnectAttempts(1)
                .build();
    }

    @Bean
    ClientResourcesBuilderCustomizer lettuceReconnectDelay() {
        // Lettuce's own goes up to 30 s
        return resources -> resources.reconnectDelay(Delay.exponential(20, 500, TimeUnit.MILLISECONDS, 2));
    }

    @Bean
    LoopClients loopClients(
            LettuceConnectionFactory shared, DataRedisConnectionDetails redis, ReactorResourceFactory server) {
        return LoopClients.of(
                shared, oneServer(shared, redis), server.getLoopResources().onServer(true), writtenAtOnce());
    }

    /** Where Redis is, if that is one server at a time; null for a Cluster, or where a master's replicas are named beside it. */
    private static @Nullable RedisConfiguration oneServer(
            LettuceConnectionFactory shared, DataRedisConnectionDetails redis) {
        if (redis.getCluster() != null || redis.getMasterReplica() != null) {
            return null;
        }
        return redis.getSentinel() == null ? shared.getStandaloneConfiguration() : shared.getSentinelConfiguration();
    }

    /** What came to a connection at once it writes at once: each flush is a system call. */
    private static NettyCustomizer writtenAtOnce() {
        return new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
                boolean alsoWithoutReading = true;
                channel.pipeline().addFirst(new FlushConsolidationHandler(FLUSHED_AT_ONCE_MAX, alsoWithoutReading));
            }
        };
    }

    /** The loop of a connection that is not on the server's is watched. */
    @Bean
    ClientResourcesBuilderCustomizer lettuceConnections(Overload overload) {
        NettyCustomizer written = writtenAtOnce();
        return resources -> resources.nettyCustomizer(new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
                overload.watchStore(channel.eventLoop());
                written.afterChannelInitialized(channel);
            }
        });
    }
}
