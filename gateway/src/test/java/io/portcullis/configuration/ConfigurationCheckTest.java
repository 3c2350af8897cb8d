package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator's interface: the variables, and what is said where one is wrong. */
class ConfigurationCheckTest {
    private static final String REDIS =
            "spring.data.redis.url (SPRING_DATA_REDIS_URL): is not a Redis URL; redis://[[user]:password@]host[:port]"
                    + "[/database], or rediss:// for TLS";
    private static DemoKeys keys;

    @TempDir
    private Path directory;

    @BeforeAll
    static void generateKeys() {
        keys = DemoKeys.generate();
    }

    @AfterAll
    static void deleteKeys() {
        keys.close();
    }

    private CheckedConfiguration good() {
        return new CheckedConfiguration(keys, directory);
    }

    @Test
    void configurationThatIsShippedNeedsNothingButTheVariables() {
        assertThat(good().problems()).isEmpty();
        assertThat(good().with("SERVER_PORT", "0")
                        .with("MANAGEMENT_SERVER_PORT", "0")
                        .problems())
                .isEmpty();
    }

    @Test
    void everythingWrongIsSaidAtOnce() {
        CheckedConfiguration bad = good().with("SPRING_DATA_REDIS_URL", "redis//nowhere")
                .with("BACKEND_URI", "nowhere")
                .with("ACCESS_TOKEN_KEYS", "/no/such/access.json")
                .without("REFRESH_TOKEN_KEYS")
                .with("SERVER_PORT", "http")
                .with("MANAGEMENT_SERVER_PORT", "70000")
                .property("portcullis.issuer=")
                .property("portcullis.store.command-timeout=1h");

        assertThat(bad.problems())
                .contains(
                        REDIS,
                        "portcullis.realms.app.access-token-keys (${ACCESS_TOKEN_KEYS}): cannot be read: "
                                + "/no/such/access.json (NoSuchFileException)",
                        "portcullis.realms.dashboard.access-token-keys (${ACCESS_TOKEN_KEYS}): cannot be read: "
                                + "/no/such/access.json (NoSuchFileException)",
                        "portcullis.realms.app.refresh-token-keys: ${REFRESH_TOKEN_KEYS} is not set",
                        "server.port (SERVER_PORT): 'http' is not a port",
                        "management.server.port (MANAGEMENT_SERVER_PORT): '70000' is not a port",
                        "portcullis.issuer: is blank",
                        "portcullis.store.command-timeout: is longer than the whole budget, portcullis.store.budget")
                .anyMatch(problem -> problem.endsWith("(${BACKEND_URI}): 'nowhere' is not the address of a backend; "
                        + "http://host[:port], without a user or a path"))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metadata.response-timeout=30s",
                "metadata.response-timeout=-2",
                "metadata.connect-timeout=5s",
                "metadata.connect-timeout=-1"
            })
    void aRoutesTimeoutThatIsNoNumberOfMillisecondsIsNamed(String timeout) {
        String route = "spring.cloud.gateway.server.webflux.routes[0].";

        assertThat(good().property(route + timeout).problems())
                .anyMatch(problem -> problem.contains(route + timeout.split("=")[0])
                        && problem.endsWith("'" + timeout.split("=")[1] + "' is not a number of milliseconds"));
        assertThat(good().property(route + "metadata.response-timeout=-1")
                        .property(route + "metadata.connect-timeout=100")
                        .problems())
                .noneMatch(problem -> problem.contains("metadata"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://backend:8080", "wss://backend"})
    void aWebSocketsSchemeIsNoAddressOfABackend(String uri) {
        assertThat(good().with("BACKEND_URI", uri).problems())
                .isNotEmpty()
                .allMatch(problem -> problem.contains("'" + uri + "' is not the address of a backend"));
    }

    @Test
    @SecurityLine(20)
    void configurationThatIsWrongStopsTheStart() {
        assertThatThrownBy(good().without("BACKEND_URI")::start)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("BACKEND_URI");
    }

    @Test
    void configurationThatIsRightStarts() {
        good().start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BACKEND_URI", "ACCESS_TOKEN_KEYS", "REFRESH_TOKEN_KEYS", "SPRING_DATA_REDIS_URL"})
    void missingOrBlankVariableIsNamedAndNothingElse(String variable) {
        for (CheckedConfiguration bad :
                List.of(good().without(variable), good().with(variable, ""), good().with(variable, "  "))) {
            assertThat(bad.problems())
                    .isNotEmpty()
                    .allMatch(problem -> problem.contains(variable) && problem.contains("is not set"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://127.0.0.1:6379",
                "redis://h",
                "redis://h/",
                "rediss://h:6380/15",
                "redis://:password@h:6379/0",
                "redis://user:p%40ss@[::1]:6379"
            })
    void redisUrlOfEveryShapeIsTaken(String url) {
        assertThat(good().with("SPRING_DATA_REDIS_URL", url)
                        .property("portcullis.store.allow-unauthenticated=true")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hunter2",
                "127.0.0.1:6379",
                "http://:hunter2@h:6379",
                "redis:hunter2",
                "redis://",
                "redis:///hunter2",
                "redis://:hunter2@",
                "redis://:hunter2@h:port",
                "redis://:hunter2@h:65536",
                "redis://:hunter2@h:6379/first",
                "redis://:hunter2@h:6379/0/1",
                "redis://:hunter 2@h:6379",
                "redis://:hunter2#@h:6379",
                "REDIS_URL=redis://:hunter2@h:6379",
                "redis-sentinel://:hunter2@h:6379"
            })
    void whatIsNoRedisUrlIsSaidToBeNoneWithoutThePasswordInIt(String url) {
        assertThat(good().with("SPRING_DATA_REDIS_URL", url).problems())
                .containsExactly(REDIS)
                .noneMatch(problem -> problem.contains("hunter"));
    }

    @Test
    void secretsAroundAPlaceholderAreNotShown() throws IOException {
        CheckedConfiguration bad = good().without("SPRING_DATA_REDIS_URL")
                .file("spring.data.redis.url: redis://:hunter2@${REDIS_HOST:${REDIS_SERVICE}}:${REDIS_PORT:hunter3}");

        assertThat(bad.problems())
                .anyMatch(problem -> problem.contains("spring.data.redis.url") && problem.contains("REDIS_SERVICE"))
                .noneMatch(problem -> problem.contains("hunter"));
        assertThat(bad.with("REDIS_HOST", "a b").problems())
                .isNotEmpty()
                .noneMatch(problem -> problem.contains("hunter"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h", "http://h:3000", "https://h/", "lb://service", "http://[::1]:3000"})
    void backendOfEveryShapeIsTaken(String uri) {
        assertThat(good().with("BACKEND_URI", uri).problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h",
                "h:3000",
                "http:h",
                "http://",
                "http:///",
                "http:///api",
                "http://h/api",
                "http://h:3000/api/",
                "http://h?x=1",
                "http://h#x",
                "http://h:65536",
                "http://h:port",
                "ftp://h",
                "http://a b",
                "http://user:hunter2@h",
                "http://user:hunter2@h/api",
                "http://user:hun/ter2@h"
            })
    void whatIsNoBackendsAddressIsSaidToBeNoneWithoutThePasswordInIt(String uri) {
        assertThat(good().with("BACKEND_URI", uri).problems())
                .isNotEmpty()
                .allMatch(problem -> problem.contains("(${BACKEND_URI})")
                        && problem.endsWith(
                                "is not the address of a backend; http://host[:port], without a user or " + "a path"))
                .noneMatch(problem -> problem.contains("hun"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "-1", "65536", "8080 8081", "1e3", "0x50", "99999999999"})
    void portThatIsNoneIsNamed(String port) {
        assertThat(good().with("SERVER_PORT", port).problems())
                .containsExactly("server.port (SERVER_PORT): '" + port + "' is not a port");
        assertThat(good().with("MANAGEMENT_SERVER_PORT", port).problems())
                .containsExactly("management.server.port (MANAGEMENT_SERVER_PORT): '" + port + "' is not a port");
    }

    @Test
    void managementEndpointsAreNeverOnThePublicPort() {
        String open = "management.server.port (MANAGEMENT_SERVER_PORT): is not set, or is the public port, which would "
                + "open the management endpoints to everyone";

        assertThat(good().with("MANAGEMENT_SERVER_PORT", "8080").problems()).containsExactly(open);
        assertThat(good().with("SERVER_PORT", "")
                        .with("MANAGEMENT_SERVER_PORT", "8080")
                        .problems())
                .containsExactly(open);
        assertThat(good().with("MANAGEMENT_SERVER_PORT", "").problems()).containsExactly(open);
        assertThat(good().with("SERVER_PORT", "8081").problems())
                .containsExactly(open.replace(" (MANAGEMENT_SERVER_PORT)", ""));
    }
}
