package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.Test;

/** How Lettuce is told to behave when a connection is lost. */
class RedisConfigurationTest {
    private final ClientOptions options = options();

    private static ClientOptions options() {
        ClientOptions.Builder builder = ClientOptions.builder();
        new RedisConfiguration().lettuceOptions().customize(builder);
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
}
