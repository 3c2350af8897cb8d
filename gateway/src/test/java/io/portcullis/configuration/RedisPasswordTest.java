package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A Redis that others can reach asks for a password. */
class RedisPasswordTest {
    @AutoClose
    private static final DemoKeys KEYS = DemoKeys.generate();

    @TempDir
    private Path directory;

    private CheckedConfiguration withUrl(String url) {
        return new CheckedConfiguration(KEYS, directory).with("SPRING_DATA_REDIS_URL", url);
    }

    private CheckedConfiguration withoutUrl() {
        return new CheckedConfiguration(KEYS, directory).without("SPRING_DATA_REDIS_URL");
    }

    private static String problem(String property) {
        return property + ": is on another machine, and there is no password: whoever reaches that Redis could revoke"
                + " sessions and bring them back. Set one, or portcullis.store.allow-unauthenticated=true";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://redis",
                "rediss://redis:6380",
                "redis://10.0.0.1:6379/0",
                "redis://user:@redis",
                "redis://[2001:db8::1]:6379",
                "redis://127.example:6379",
                "redis://127.0.0.1.example:6379",
                "redis://localhost.example"
            })
    @SecurityLine(26)
    void anotherMachineWithoutAPasswordIsNamed(String url) {
        String problem = problem("spring.data.redis.url (SPRING_DATA_REDIS_URL)");

        assertThat(withUrl(url).problems()).containsExactly(problem);
        assertThat(withUrl(url).property("spring.data.redis.password=elsewhere").problems())
                .as("Spring Boot does not read it beside a URL")
                .containsExactly(problem);
        assertThat(withUrl(url)
                        .property("portcullis.store.allow-unauthenticated=true")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://127.0.0.1",
                "redis://127.1.2.3:6379",
                "redis://localhost:6379",
                "redis://LOCALHOST",
                "redis://[::1]:6379",
                "redis://:password@redis",
                "rediss://user:password@redis"
            })
    void thisMachineOrAPasswordWillDo(String url) {
        assertThat(withUrl(url).problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "spring.data.redis.host=redis, spring.data.redis.host",
        "'spring.data.redis.cluster.nodes=127.0.0.1:6379,10.0.0.2:6379', spring.data.redis.cluster.nodes",
        "spring.data.redis.cluster.nodes[0]=10.0.0.1:6379, spring.data.redis.cluster.nodes"
    })
    void otherPropertiesSayWhereItIsToo(String elsewhere, String property) {
        assertThat(withoutUrl().property(elsewhere).problems()).containsExactly(problem(property));
        assertThat(withoutUrl()
                        .property(elsewhere)
                        .with("SPRING_DATA_REDIS_PASSWORD", "secret")
                        .problems())
                .isEmpty();
    }

    @Test
    void sentinelsServersNeedOneToo() {
        CheckedConfiguration sentinel = withoutUrl()
                .property("spring.data.redis.sentinel.master=sessions")
                .property("spring.data.redis.sentinel.nodes=10.0.0.1:26379,10.0.0.2:26379");

        assertThat(sentinel.problems()).containsExactly(problem("spring.data.redis.sentinel.nodes"));
        assertThat(sentinel.with("SPRING_DATA_REDIS_PASSWORD", "secret").problems())
                .isEmpty();
    }
}
