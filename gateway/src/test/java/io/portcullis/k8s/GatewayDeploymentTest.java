package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;

/** Numbers and places of the gateway's Deployment that go with something that is said elsewhere. */
class GatewayDeploymentTest {
    private static Stream<String> overlays() {
        return Overlays.all();
    }

    private static String match(String regex, Path file) {
        Matcher matcher = Pattern.compile(regex, Pattern.MULTILINE).matcher(Overlays.read(file));
        assertThat(matcher.find()).as("%s in %s", regex, file).isTrue();
        return matcher.group(1);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theImagesTagIsTheVersionOfTheBuild(String overlay) {
        String version = match("<artifactId>portcullis</artifactId>\\s*<version>([^<]+)</version>", Path.of("pom.xml"));

        assertThat(new GatewayDeployment(Overlays.manifest(overlay))
                        .container()
                        .path("image")
                        .asString())
                .isEqualTo("portcullis-gateway:" + version);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void thereIsTimeForAllThatHappensAtTheEnd(String overlay) {
        GatewayDeployment gateway = new GatewayDeployment(Overlays.manifest(overlay));
        PodTemplate template = gateway.template();
        Duration drain = DurationStyle.detectAndParse(gateway.variables().get("PORTCULLIS_CONNECTIONS_DRAINTIME"));
        JsonNode sleep = template.containers().get(0).at("/lifecycle/preStop/sleep/seconds");
        Duration flush = DurationStyle.detectAndParse(
                match("^\\| `portcullis\\.events\\.flush-timeout` \\| `(\\w+)`", Path.of("config/README.md")));
        int kept = Integer.parseInt(match(
                "LAST_WITHIN = Duration\\.ofSeconds\\((\\d+)\\)",
                Path.of("gateway/src/main/java/io/portcullis/Repetition.java")));
        Matcher phase = Pattern.compile("timeout-per-shutdown-phase: (\\w+)")
                .matcher(Overlays.read(Path.of("gateway/src/main/resources/application.yml")));
        Duration requests = phase.find() ? DurationStyle.detectAndParse(phase.group(1)) : Duration.ofSeconds(30);

        assertThat(sleep.asInt()).isPositive();
        assertThat(drain).isPositive();
        assertThat(gateway.variables())
                .as("what would win over the defaults")
                .doesNotContainKeys("PORTCULLIS_EVENTS_FLUSHTIMEOUT", "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE");
        long together = sleep.asInt() + drain.toSeconds() + requests.toSeconds() + kept + flush.toSeconds();
        assertThat(template.spec().path("terminationGracePeriodSeconds").asLong())
                .isGreaterThan(together);
        assertThat(Overlays.read(Path.of("k8s/README.md"))).contains("all of these together, " + together + " s");
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aStartHasMoreTimeThanTheWaitForRedis(String overlay) {
        JsonNode probe =
                new GatewayDeployment(Overlays.manifest(overlay)).container().path("startupProbe");
        Duration catchUp = DurationStyle.detectAndParse(
                match("^\\| `portcullis\\.revocation\\.catch-up-timeout` \\| `(\\w+)`", Path.of("config/README.md")));

        assertThat(probe.path("periodSeconds").asInt()
                        * probe.path("failureThreshold").asInt())
                .isGreaterThan((int) catchUp.toSeconds() + 60);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void noProbeAsksForRedis(String overlay) {
        JsonNode container = new GatewayDeployment(Overlays.manifest(overlay)).container();

        // /actuator/health and its group refresh are DOWN without Redis
        assertThat(container.at("/livenessProbe/httpGet/path").asString()).isEqualTo("/actuator/health/liveness");
        assertThat(container.at("/startupProbe/httpGet/path").asString()).isEqualTo("/actuator/health/liveness");
        assertThat(container.at("/readinessProbe/httpGet/path").asString()).isEqualTo("/actuator/health/readiness");
        assertThat(List.of("livenessProbe", "startupProbe", "readinessProbe"))
                .allSatisfy(probe -> assertThat(
                                container.path(probe).at("/httpGet/port").asString())
                        .isEqualTo("management"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void thePortsAreThoseThatTheGatewayIsToldToListenOn(String overlay) {
        GatewayDeployment gateway = new GatewayDeployment(Overlays.manifest(overlay));
        Map<String, String> variables = gateway.variables();

        assertThat(gateway.container().path("ports"))
                .extracting(port -> port.path("name").asString()
                        + port.path("containerPort").asString())
                .containsExactly(
                        "http" + variables.get("SERVER_PORT"), "management" + variables.get("MANAGEMENT_SERVER_PORT"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void configIsWhereTheGatewayReadsIt(String overlay) {
        JsonNode container = new GatewayDeployment(Overlays.manifest(overlay)).container();

        assertThat(container.path("volumeMounts"))
                .filteredOn(mount -> mount.path("name").asString().equals("config"))
                .extracting(mount -> mount.path("mountPath").asString())
                .containsExactly(container.path("workingDir").asString() + "/config");
    }
}
