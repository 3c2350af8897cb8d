package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis with Sentinel, or as a Cluster, is where other properties than its URL say. */
class RedisElsewhereTest {
    @AutoClose
    private static final DemoKeys KEYS = DemoKeys.generate();

    @TempDir
    private Path directory;

    private CheckedConfiguration withoutUrl() {
        return new CheckedConfiguration(KEYS, directory)
                .without("SPRING_DATA_REDIS_URL")
                .with("SPRING_DATA_REDIS_PASSWORD", "secret");
    }

    @Test
    void clusterInOneVariableIsEnough() {
        assertThat(withoutUrl()
                        .with("SPRING_DATA_REDIS_CLUSTER_NODES", "10.0.0.1:6379,10.0.0.2:6379")
                        .problems())
                .isEmpty();
    }

    @Test
    void sentinelInTwoVariablesIsEnough() {
        assertThat(withoutUrl()
                        .with("SPRING_DATA_REDIS_SENTINEL_MASTER", "sessions")
                        .with("SPRING_DATA_REDIS_SENTINEL_NODES", "10.0.0.1:26379,10.0.0.2:26379")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"spring.data.redis.cluster.nodes[0]=10.0.0.1:6379", "spring.data.redis.host=10.0.0.1"})
    void propertyIsEnough(String property) {
        assertThat(withoutUrl().property(property).problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SPRING_DATA_REDIS_SENTINEL_MASTER, sessions, spring.data.redis.sentinel.master, spring.data.redis.sentinel.nodes",
        "SPRING_DATA_REDIS_SENTINEL_NODES, h:26379, spring.data.redis.sentinel.nodes, spring.data.redis.sentinel.master"
    })
    void halfOfSentinelIsSaid(String variable, String value, String set, String missing) {
        assertThat(withoutUrl().with(variable, value).problems())
                .containsExactly(set + " (" + variable + "): is set, and " + missing + " is not; Sentinel needs both");
    }
}
