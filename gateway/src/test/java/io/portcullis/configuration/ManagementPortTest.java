package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What whoever reaches the management port may ask for without saying who they are. */
class ManagementPortTest {
    private static final String EXPOSED = "management.endpoints.web.exposure.include";

    @AutoClose
    private static final DemoKeys KEYS = DemoKeys.generate();

    @TempDir
    private Path directory;

    private CheckedConfiguration good() {
        return new CheckedConfiguration(KEYS, directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "env", "heapdump", "loggers", "gateway", "shutdown", "thread-dump"})
    void endpointThatShowsOrChangesMoreIsNamed(String endpoint) {
        CheckedConfiguration bad = good().property(EXPOSED + "=health,prometheus," + endpoint);

        assertThat(bad.problems())
                .containsExactly(
                        EXPOSED + ": opens '" + endpoint + "' to whoever reaches the management port; allowed are"
                                + " health, info, prometheus, metrics, sbom and sessions, or any where management.server.address is a"
                                + " loopback address");
        assertThat(bad.with("MANAGEMENT_SERVER_ADDRESS", "0.0.0.0").problems()).hasSize(1);
        assertThat(bad.with("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1").problems())
                .isEmpty();
    }

    @Test
    void endpointsForAnybodyAreTaken() {
        assertThat(good().with(
                                "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE",
                                "health, Info,prometheus,metrics,sbom,sessions")
                        .problems())
                .isEmpty();
        assertThat(good().property(EXPOSED + "[0]=health").problems()).isEmpty();
        assertThat(good().property(EXPOSED + "[0]=health")
                        .property(EXPOSED + "[1]=env")
                        .problems())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read_only", "unrestricted"})
    @SecurityLine(31)
    void heapDumpIsGivenToNobody(String access) {
        String property = "management.endpoint.heapdump.access";

        assertThat(good().with("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1")
                        .property(property + "=" + access)
                        .problems())
                .containsExactly(property + ": is not none: a heap dump holds all keys, and the tokens of the moment");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "configprops"})
    @SecurityLine(31)
    void valuesOfPropertiesAreShownToNobody(String endpoint) {
        String property = "management.endpoint." + endpoint + ".show-values";

        assertThat(good().with("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1")
                        .property(property + "=always")
                        .problems())
                .containsExactly(property + ": is not never: the values hold passwords and secrets");
        assertThat(good().property(property + "=never").problems()).isEmpty();
    }
}
