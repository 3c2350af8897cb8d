package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.configuration.CheckedConfiguration;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The variables that the Deployment sets are those that {@code config/README.md} explains, and the gateway takes them. */
class GatewayVariablesTest {
    private static final Map<String, String> SECRETS =
            Map.of("url", "redis://:secret@redis:6379", "password", "secret");
    private static final String ADOPTION = "adoption/application.yml";
    private static final String PROXIES = "PORTCULLIS_FORWARDED_TRUSTEDPROXIES";
    private static final String UNSAID = "portcullis.forwarded.trusted-proxies (" + PROXIES
            + "): '<the proxies' addresses>' is not an address or a CIDR range such as 10.0.0.0/8 or 2001:db8::/32";

    @TempDir
    private Path directory;

    private static Stream<String> overlays() {
        return Overlays.all();
    }

    private static GatewayDeployment gateway(String overlay) {
        return new GatewayDeployment(Overlays.manifest(overlay));
    }

    /** Variables by their own names, and those of properties: {@code <realm>} and {@code <name>} are any. */
    private static List<Pattern> explained() {
        return Pattern.compile("`([A-Z][A-Z_]+|[a-z]+(?:\\.[a-z0-9<>-]+)+)`")
                .matcher(Overlays.read(Path.of("config/README.md")))
                .results()
                .map(name -> name.group(1)
                        .replaceAll("<\\w+>", "0")
                        .replace("-", "")
                        .replace('.', '_')
                        .toUpperCase(Locale.ROOT)
                        .replace("0", "[A-Z0-9]+"))
                .map(Pattern::compile)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyVariableIsExplained(String overlay) {
        List<Pattern> explained = explained();
        Set<String> variables = new TreeSet<>(gateway(overlay).variables().keySet());
        variables.addAll(gateway(overlay).secretVariables().keySet());

        assertThat(variables)
                .hasSizeGreaterThan(5)
                .allMatch(variable -> explained.stream()
                        .anyMatch(name -> name.matcher(variable).matches()));
    }

    @Test
    void aMistypedVariableIsNotExplained() {
        assertThat(explained())
                .hasSizeGreaterThan(50)
                .noneMatch(name -> name.matcher("SPRING_DATA_REDIS_SENTINAL_NODES")
                                .matches()
                        || name.matcher("PORTCULLIS_REALMS_APP_REUSE_ACTIONS").matches());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theGatewayTakesThem(String overlay) throws IOException {
        GatewayDeployment gateway = gateway(overlay);
        try (DemoKeys keys = DemoKeys.generate()) {
            CheckedConfiguration configuration = new CheckedConfiguration(keys, directory);
            configuration.without("SPRING_DATA_REDIS_URL").without("BACKEND_URI");
            gateway.variables().forEach((name, value) -> {
                if (!value.startsWith("/keys/")) {
                    configuration.with(name, value);
                }
            });
            gateway.secretVariables().forEach((name, key) -> configuration.with(name, SECRETS.get(key)));
            if (overlay.endsWith("adoption")) {
                configuration.file(Overlays.read(Path.of("k8s/components", ADOPTION)));
            }

            assertThat(configuration.problems())
                    .as("nobody is believed before somebody has said who")
                    .isEqualTo(overlay.equals("dev") ? List.of() : List.of(UNSAID));
            assertThat(configuration.with(PROXIES, "10.244.0.0/16").problems()).isEmpty();
        }
    }

    @Test
    void shadowModeIsForEveryRealm() {
        Map<String, String> strict = gateway("prod").variables();
        Map<String, String> shadow = gateway("prod+shadow").variables();

        shadow.keySet().removeAll(strict.keySet());
        List<String> realms = Pattern.compile("^    (\\w+):$", Pattern.MULTILINE)
                .matcher(Overlays.read(Path.of("config/realms.yml")))
                .results()
                .map(realm -> "PORTCULLIS_REALMS_" + realm.group(1).toUpperCase(Locale.ROOT) + "_REUSE_ACTION")
                .toList();
        assertThat(realms).hasSize(2);
        assertThat(shadow.keySet()).containsExactlyInAnyOrderElementsOf(realms);
        assertThat(shadow.values()).containsOnly("report");
    }
}
