package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.token.JwkSetFile;
import io.portcullis.token.JwkSetFile.Keys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        Set<String> documented = Overlays.documentedSecrets();
        Set<String> made = Set.copyOf(found("create secret generic (\\S+ --from-file=\\S+?)="));

        assertThat(made)
                .hasSize(4)
                .allSatisfy(secret -> assertThat(documented).contains(secret.replace(" --from-file=", "/")));
        assertThat(found("create secret tls (\\S+) ")).containsExactly("portcullis-tls");
        assertThat(documented).contains("portcullis-tls/tls.crt", "portcullis-tls/tls.key");
    }

    @Test
    void theRolesThatTheReaderSetsAreThoseOfThePolicies() {
        String policies = Overlays.yaml("prod") + Overlays.read(Path.of("k8s/backends/networkpolicy.yaml"));
        List<String> roles = found("portcullis\\.io/role\\W+(\\w+)");

        assertThat(roles)
                .containsExactlyInAnyOrder("entry", "backend")
                .allSatisfy(role -> assertThat(policies).contains("portcullis.io/role: " + role));
    }

    @Test
    void everyComponentThatTheReaderSwitchesIsALineOfProd() {
        Set<String> components = Set.copyOf(found("^(?:on|off) (\\S+)$"));

        assertThat(components).containsExactlyInAnyOrder("adoption", "shadow", "leaving", "ingress", "gateway-api");
        assertThat(Overlays.components()).containsAll(components);
    }

    @Test
    void whatTheReaderIsToReplaceIsInTheFile() {
        Map<String, String> rows = Pattern.compile("^\\| `((?:k8s|config)/\\S+)`[^|]* \\| (.+) \\|$", Pattern.MULTILINE)
                .matcher(README)
                .results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));

        assertThat(rows).hasSize(6);
        rows.forEach((file, what) -> assertThat(
                        Pattern.compile("`([^`/]+)`").matcher(what).results())
                .allSatisfy(word -> assertThat(Overlays.read(Path.of(file))).contains(word.group(1))));
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

    @Test
    void theKeysThatItMakesAreGoodEnough(@TempDir Path directory)
            throws IOException, InterruptedException, ParseException {
        String lines = blocks().stream()
                .filter(block -> block.startsWith("jwk_set()"))
                .findFirst()
                .orElseThrow();
        ProcessBuilder builder = new ProcessBuilder("bash", "-eu", "-o", "pipefail", "-c", lines)
                .directory(directory.toFile())
                .inheritIO();
        String secret = "what the backends have in their own variable";
        builder.environment().put("JWT_SECRET", secret);
        Process shell = builder.start();
        assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).isZero();

        assertThat(JwkSetFile.read(directory.resolve("refresh-token-keys.json")))
                .isInstanceOf(Keys.class);
        assertThat(JwkSetFile.read(directory.resolve("access-token-keys.json"))).isInstanceOf(Keys.class);
        JWK access = JWKSet.parse(Files.readString(directory.resolve("access-token-keys.json")))
                .getKeys()
                .get(0);
        assertThat(new String(access.toOctetSequenceKey().toByteArray(), StandardCharsets.UTF_8))
                .isEqualTo(secret);
    }
}
