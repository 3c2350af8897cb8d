package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How Lettuce is told to behave when a connection is lost. */
class LettuceConfigurationTest {
    private final ClientOptions options = options();

    private static ClientOptions options() {
        ClientOptions.Builder builder = ClientOptions.builder();
        new LettuceConfiguration().lettuceOptions().customize(builder);
        return builder.build();
    }

    @Test
    void noCommandIsSentTwiceByTheClientLibrary() {
        Command<String, String, String> rotation =
                new Command<>(CommandType.EVALSHA, new StatusOutput<>(StringCodec.UTF8));

        // the filter names what is left out of a replay
        assertThat(options.getReplayFilter().test(rotation)).isTrue();
    }

    @Test
    void nothingIsQueuedWithoutAConnectionOrWithoutABound() {
        assertThat(options.getDisconnectedBehavior()).isEqualTo(DisconnectedBehavior.REJECT_COMMANDS);
        assertThat(options.getRequestQueueSize()).isLessThanOrEqualTo(10_000);
        assertThat(options.isAutoReconnect()).isTrue();
    }

    @Test
    void peerThatFellSilentIsNoticedByTheKernelToo() {
        SocketOptions sockets = options.getSocketOptions();

        assertThat(sockets.isKeepAlive()).isTrue();
        assertThat(sockets.getKeepAlive().getIdle()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(sockets.isEnableTcpUserTimeout()).isTrue();
        assertThat(sockets.getTcpUserTimeout().getTcpUserTimeout()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(sockets.getConnectTimeout()).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void clusterIsAskedAgainSoonerThanLettuceWouldAndOtherwiseAsConfigured() {
        ClusterTopologyRefreshOptions configured = ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(Duration.ofSeconds(7))
                .dynamicRefreshSources(false)
                .build();
        ClusterClientOptions.Builder builder = ClusterClientOptions.builder();
        builder.topologyRefreshOptions(configured);

        new LettuceConfiguration().lettuceClusterOptions().customize(builder);

        ClusterTopologyRefreshOptions used = builder.build().getTopologyRefreshOptions();
        assertThat(used.getAdaptiveRefreshTimeout()).isLessThan(configured.getAdaptiveRefreshTimeout());
        assertThat(used.getAdaptiveRefreshTriggers()).isEqualTo(configured.getAdaptiveRefreshTriggers());
        assertThat(used.isPeriodicRefreshEnabled()).isTrue();
        assertThat(used.getRefreshPeriod()).isEqualTo(Duration.ofSeconds(7));
        assertThat(used.useDynamicRefreshSources()).isFalse();
    }
}
