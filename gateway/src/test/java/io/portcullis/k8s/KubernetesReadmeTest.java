package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands of {@code k8s/README.md}, as far as they can be judged without a cluster. */
class KubernetesReadmeTest {
    private static final String README = Overlays.read(Path.of("k8s/README.md"));
    private static final Set<String> NAMESPACES = Set.of("portcullis", "portcullis-dev");
    private static final Map<String, String> KINDS = Map.of(
            "deployment", "Deployment",
            "service", "Service",
            "horizontalpodautoscaler", "HorizontalPodAutoscaler");

    private static List<String> blocks() {
        return Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL)
                .matcher(README)
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    /** Its lines, those that go on in the next one put together. */
    private static List<String> commands() {
        return blocks().stream()
                .flatMap(block -> block.replaceAll("\\\\\\R\\s*", "").lines())
                .toList();
    }

    private static List<String> found(String regex) {
        List<String> found = new ArrayList<>();
        for (String command : commands()) {
            Matcher matcher = Pattern.compile(regex).matcher(command);
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
        }
        return found;
    }

    @Test
    void everyBlockIsShell() throws IOException, InterruptedException {
        assertThat(blocks()).hasSizeGreaterThan(10).allSatisfy(block -> {
            Process shell = new ProcessBuilder("bash", "-n", "-c", block)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shell.waitFor()).as(said).isZero();
        });
    }

    @Test
    void everyFolderThatIsAppliedIsRendered() {
        Set<String> folders = Set.copyOf(found(" -k (\\S+)"));

        assertThat(folders).containsExactlyInAnyOrder("k8s/overlays/dev", "k8s/overlays/prod", "k8s/backends");
        assertThat(folders)
                .allSatisfy(folder -> assertThat(Manifest.parse(Kubectl.kustomize(Path.of(folder)))
                                .objects())
                        .isNotEmpty());
    }

    @Test
    void whatACommandNamesIsThere() {
        List<String> checked = new ArrayList<>();
        for (String command : commands()) {
            Matcher namespace = Pattern.compile("^kubectl -n (\\S+) ").matcher(command);
            Matcher named = Pattern.compile(" (" + String.join("|", KINDS.keySet()) + ")[ /]([\\w-]+)")
                    .matcher(command);
            if (namespace.find() && NAMESPACES.contains(namespace.group(1)) && named.find()) {
                Manifest manifest = Overlays.manifest(namespace.group(1).endsWith("-dev") ? "dev" : "prod");
                KubernetesObject object = manifest.get(KINDS.get(named.group(1)), named.group(2));
                assertThat(object.text("/metadata/namespace")).isEqualTo(namespace.group(1));
                checked.add(command);
            }
        }

        assertThat(checked).hasSizeGreaterThan(7);
    }

    @Test
    void labelsThatASelectorOfACommandNamesAreThoseOfPods() {
        assertThat(found(" -l app\\.kubernetes\\.io/name=(\\S+)")).isNotEmpty().containsOnly("portcullis");
        assertThat(Overlays.manifest("prod").podTemplates())
                .singleElement()
                .satisfies(pods -> assertThat(pods.labels()).containsEntry("app.kubernetes.io/name", "portcullis"));
    }

    @Test
    void theSecretsOfTheCommandsAreThoseOfTheTable() {
        Set<String> made = found("create secret generic (\\S+ --from-file=\\S+?)=").stream()
                .map(secret -> secret.replace(" --from-file=", "/"))
                // a function's, of any key file
                .filter(secret -> !secret.contains("$"))
                .collect(Collectors.toSet());
        for (String name : found("metadata: \\{name: \"(\\S+)\"}")) {
            found("\"(tls\\.\\w+)\"").forEach(key -> made.add(name + "/" + key));
        }

        assertThat(made).isEqualTo(Overlays.documentedSecrets());
    }

    @Test
    void theRolesThatTheReaderSetsAreThoseOfThePolicies() {
        String policies = Overlays.yaml("prod+monitoring") + Overlays.read(Path.of("k8s/backends/networkpolicy.yaml"));
        List<String> roles = found("portcullis\\.io/role\\W+(\\w+)");

        assertThat(roles)
                .containsExactlyInAnyOrder("monitoring", "entry", "backend")
                .allSatisfy(role -> assertThat(policies).contains("portcullis.io/role: " + role));
    }

    @Test
    void everyComponentThatTheReaderSwitchesIsALineOfProd() {
        Set<String> components = Set.copyOf(found("^(?:on|off) (\\S+)$"));

        Set<String> lines = new TreeSet<>(Overlays.components());
        assertThat(lines.remove("tracing")).as("in the table alone").isTrue();
        assertThat(components).isEqualTo(lines);
    }

    @Test
    void whatTheReaderIsToReplaceIsInTheFileAndEverySuchFileHasARow() throws IOException {
        Map<String, String> rows = Pattern.compile("^\\| `((?:k8s|config)/\\S+)`[^|]* \\| (.+) \\|$", Pattern.MULTILINE)
                .matcher(README)
                .results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));

        rows.forEach((file, what) -> assertThat(
                        Pattern.compile("`([^`/]+)`").matcher(what).results())
                .isNotEmpty()
                .allSatisfy(word -> assertThat(Overlays.read(Path.of(file))).contains(word.group(1))));
        assertThat(rows.keySet()).isEqualTo(filesWithExamples());
    }

    /** Those of {@code prod}, of its components and of {@code config/} that name what is different everywhere. */
    private static Set<String> filesWithExamples() throws IOException {
        Pattern example = Pattern.compile(
                "<[a-z' ]+>|\\bexample\\.com|192\\.0\\.2\\.|\\.svc\\b|_NODES=|/api/|_REALMS_|^  realms:",
                Pattern.MULTILINE);
        Set<String> files = new TreeSet<>();
        for (Path folder : List.of(Path.of("k8s/overlays/prod"), Path.of("k8s/components"), Path.of("config"))) {
            try (Stream<Path> found = Files.walk(folder)) {
                found.filter(file -> file.toString().matches(".*\\.ya?ml"))
                        .filter(file -> !file.endsWith("openapi.yaml"))
                        .filter(file -> example.matcher(Overlays.read(file).replaceAll("(?m)^ *# (?![ -]).*", ""))
                                .find())
                        .forEach(file -> files.add(file.toString()));
            }
        }
        // has its origins in a comment
        files.add("config/application.yml");
        return files;
    }

    @Test
    void aRollOutHasTimeForEveryReplica() {
        Manifest prod = Overlays.manifest("prod");
        Matcher start =
                Pattern.compile("wall time until ready \\|.* (\\d+) s with it").matcher(README);
        assertThat(start.find()).isTrue();
        int each = Integer.parseInt(start.group(1))
                + prod.get("Deployment", "portcullis")
                        .at("/spec/minReadySeconds")
                        .asInt();
        int replicas = prod.get("HorizontalPodAutoscaler", "portcullis")
                .at("/spec/maxReplicas")
                .asInt();

        List<Integer> minutes = Pattern.compile("rollout status deployment/portcullis --timeout=(\\d+)m")
                .matcher(README.substring(README.indexOf("\n## Shadow mode")))
                .results()
                .map(status -> Integer.parseInt(status.group(1)))
                .toList();
        assertThat(minutes)
                .hasSizeGreaterThan(5)
                .allSatisfy(timeout -> assertThat(timeout * 60).isGreaterThan(replicas * each));
    }

    @Test
    void everyFolderHasARowAndNoRowIsWithoutAFolder() {
        List<String> rows = Pattern.compile("^\\| \\[?`?([a-z/]+)/`?[\\] ]", Pattern.MULTILINE)
                .matcher(README)
                .results()
                .map(row -> row.group(1))
                .toList();

        assertThat(rows)
                .containsExactlyInAnyOrder(
                        "base", "overlays/dev", "overlays/prod", "components", "backends", "monitoring")
                .allSatisfy(folder -> assertThat(Path.of("k8s", folder)).isDirectory());
        assertThat(Stream.of(Path.of("k8s").toFile().list()))
                .containsExactlyInAnyOrder("README.md", "base", "overlays", "components", "backends", "monitoring");
    }
}
