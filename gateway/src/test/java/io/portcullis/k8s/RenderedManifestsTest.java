package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What {@code kubectl apply -k} would send, of every overlay and component. */
class RenderedManifestsTest {
    /** What is there whether or not anybody refers to it. */
    private static final Set<String> FILES = Set.of("application.yml", "openapi.yaml", "realms.yml", "routes.yml");

    private static Stream<String> overlays() {
        return Overlays.all();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyObjectIsSound(String overlay) {
        Manifest manifest = Overlays.manifest(overlay);

        assertThat(manifest.objects()).hasSizeGreaterThan(7);
        assertThat(ManifestRules.problems(manifest, Overlays.documentedSecrets()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theConfigMapIsTheVeryFilesOfConfig(String overlay) {
        JsonNode data = Overlays.manifest(overlay)
                .getGenerated("ConfigMap", "portcullis-config")
                .at("/data");

        assertThat(data.propertyNames()).containsExactlyInAnyOrderElementsOf(FILES);
        assertThat(FILES)
                .allSatisfy(file ->
                        assertThat(data.path(file).asString()).isEqualTo(Overlays.read(Path.of("config", file))));
    }

    @Test
    void everyFileThatTheGatewayReadsIsInTheConfigMap() {
        List<String> files = Stream.of(Path.of("config").toFile().list())
                // the last is Redis' own
                .filter(file ->
                        !List.of("README.md", "kustomization.yaml", "redis").contains(file))
                .toList();

        assertThat(files).containsExactlyInAnyOrderElementsOf(FILES);
    }

    @Test
    void everyComponentIsRendered() {
        Set<String> folders = Stream.of(Path.of("k8s/components").toFile().list())
                // one is in prod itself, two are parts of others
                .filter(folder ->
                        !Set.of("behind-a-proxy", "redis-password", "either").contains(folder))
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> rendered = new TreeSet<>(Overlays.components());
        assertThat(rendered.remove("monitoring")).isTrue();
        assertThat(rendered).isEqualTo(folders);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress+gateway-api", "redis-sentinel+redis-cluster", "adoption+leaving"})
    void kustomizeRefusesTheTwoTogether(String two) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Overlays.yaml("prod+" + two))
                .withMessageContaining("either-" + two.replace("+", "-or-"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress+redis-sentinel+adoption", "gateway-api+redis-cluster+leaving"})
    void allOthersGoTogether(String some) {
        Set<String> each = Set.of("shadow", "tracing", "monitoring");
        Manifest manifest = Overlays.manifest("prod+" + some + "+" + String.join("+", new TreeSet<>(each)));

        assertThat(ManifestRules.problems(manifest, Overlays.documentedSecrets()))
                .isEmpty();
        assertThat(manifest.objects())
                .as("what is there for kustomize alone")
                .noneMatch(object -> object.name().startsWith("either-"));
    }

    @Test
    void everySecretThatTheReaderIsToldToMakeIsUsed() {
        String all = Overlays.all().map(Overlays::yaml).collect(Collectors.joining());

        assertThat(Overlays.documentedSecrets())
                .isNotEmpty()
                .allSatisfy(secret -> assertThat(all).contains(secret.substring(0, secret.indexOf('/'))));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void noSecretIsInTheRepository(String overlay) {
        assertThat(Overlays.manifest(overlay).ofKind("Secret")).isEmpty();
        assertThat(Overlays.yaml(overlay))
                .doesNotContainPattern("\\bk\"?: *['\"]")
                .doesNotContain("PRIVATE KEY");
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theManagementPortIsInNoServiceButThatOfPrometheus(String overlay) {
        assertThat(Overlays.manifest(overlay).ofKind("Service"))
                .filteredOn(service -> !service.name().equals("portcullis-management"))
                .allSatisfy(service -> assertThat(service.at("/spec/ports").toString())
                        .doesNotContain("management")
                        .doesNotContain("8081"));
    }

    @Test
    void theDashboardIsTheFileOfMonitoring() {
        KubernetesObject dashboard = Overlays.manifest("prod+monitoring").get("ConfigMap", "portcullis-dashboard");

        assertThat(KubernetesObject.map(dashboard.at("/data")))
                .isEqualTo(Map.of("portcullis.json", Overlays.read(Path.of("k8s/monitoring/dashboard.json"))));
    }
}
