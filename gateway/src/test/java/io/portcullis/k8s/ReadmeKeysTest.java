package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.token.JwkSetFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key files that the commands of {@code k8s/README.md} make, and what they make of them when keys are rotated. */
class ReadmeKeysTest {
    @ParameterizedTest
    @ValueSource(strings = {"access", "refresh"})
    void aKeyGoesBehindTheOldOneThenBeforeItThenTheOldOneGoes(String purpose) {
        List<List<JWK>> sets = sets(ReadmeWalk.by("ingress+redis-url"), purpose);

        JWK old = sets.get(0).get(0);
        JWK fresh = sets.get(1).get(1);
        assertThat(fresh).isNotEqualTo(old);
        assertThat(sets).containsExactly(List.of(old), List.of(old, fresh), List.of(fresh, old), List.of(fresh));
    }

    @ParameterizedTest
    @ValueSource(strings = {"access", "refresh"})
    void keysAreRotatedInAShellThatKnowsNothingOfTheFirstOne(String purpose) {
        ReadmeWalk deployed = ReadmeWalk.by("ingress+redis-url");

        List<List<JWK>> sets = sets(deployed.later("Rotate keys", 1), purpose);

        assertThat(sets).extracting(List::size).containsExactly(2, 2, 1);
        assertThat(sets.get(0).get(0)).isEqualTo(sets(deployed, purpose).get(0).get(0));
        assertThat(sets.get(2).get(0)).isEqualTo(sets.get(0).get(1));
    }

    /** What the walk made of a Secret, one after the other. */
    private static List<List<JWK>> sets(ReadmeWalk walk, String purpose) {
        return walk.steps().stream()
                .filter(step -> step.manifest().contains("name: portcullis-" + purpose + "-token-keys")
                        && step.manifest().contains("kind: Secret"))
                .map(step -> keys(step.manifest()))
                .toList();
    }

    @Test
    void theSecretOfTheBackendsIsTheFirstAccessTokenKey() {
        ReadmeWalk walk = ReadmeWalk.by("ingress+redis-url");
        int made = walk.indexOf("-n portcullis create secret generic portcullis-access-token-keys");

        JWK key = keys(walk.steps().get(made).manifest()).get(0);

        assertThat(key.toOctetSequenceKey().toByteArray())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(ReadmeWalk.SECRETS.get("JWT_SECRET"));
    }

    /** As a gateway reads them. */
    private static List<JWK> keys(String secret) {
        String file = new String(
                Base64.getDecoder()
                        .decode(Manifest.parse(secret).objects().get(0).text("/data/keys.json")),
                StandardCharsets.UTF_8);
        try {
            Path copy = Files.writeString(Files.createTempFile("keys-", ".json"), file);
            assertThat(JwkSetFile.read(copy)).isInstanceOf(JwkSetFile.Keys.class);
            Files.delete(copy);
            return JWKSet.parse(file).getKeys();
        } catch (IOException | ParseException e) {
            throw new AssertionError(file, e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\"", "error: not found"})
    void whatIsNoKeyFileDoesNotGetIntoTheSecret(String noKeyFile) throws IOException, InterruptedException {
        Matcher functions = Pattern.compile("```sh\\R(keys\\(\\).*?)```", Pattern.DOTALL)
                .matcher(Overlays.read(Path.of("k8s/README.md")));
        assertThat(functions.find()).isTrue();
        String kubectl = "kubectl() { echo was called; }\n";

        Process shell = new ProcessBuilder(
                        "bash",
                        "-c",
                        kubectl + functions.group(1) + "printf %s \"$1\" | roll refresh",
                        "bash",
                        noKeyFile)
                .start();
        String called = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(called).isEmpty();
        assertThat(shell.waitFor()).isNotZero();
    }

    @Test
    void replicasStartAnewAfterEachChangeOfASecretThatIsNoKeyFile() {
        List<ReadmeWalk.Step> steps = ReadmeWalk.by("ingress+redis-url").steps().stream()
                .filter(step -> !step.command().startsWith("-n portcullis get")
                        && !step.command().contains("--dry-run=client"))
                .toList();
        String restart = "-n portcullis rollout restart deployment/portcullis";

        List<String> keyFiles = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int call = 0; call < steps.size() - 1; call++) {
            if (steps.get(call).command().equals("replace -f -")) {
                boolean isKeyFile = steps.get(call).manifest().contains("-token-keys");
                (isKeyFile ? keyFiles : others).add(steps.get(call + 1).command());
            }
        }
        assertThat(keyFiles).hasSize(6).doesNotContain(restart);
        assertThat(others).isNotEmpty().containsOnly(restart);
    }
}
