package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.InstalledProgram;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoInstructions;
import io.portcullis.demo.DemoKeys;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the overlay {@code dev} as its pods run them: the Secrets are made, and what is made of them works. */
class DevOverlayIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private SecretsApi api;
    private InstalledProgram node;

    @BeforeEach
    void start() throws IOException {
        node = InstalledProgram.of("node", "nodejs");
        Manifest manifest = Overlays.manifest("dev");
        for (String name : new String[] {"demo-secrets", "demo-backend"}) {
            KubernetesObject map = manifest.ofKind("ConfigMap")
                    .filter(one -> one.name().startsWith(name))
                    .findFirst()
                    .orElseThrow();
            for (Map.Entry<String, String> file :
                    KubernetesObject.map(map.at("/data")).entrySet()) {
                Files.writeString(directory.resolve(file.getKey()), file.getValue());
            }
        }
        Files.writeString(directory.resolve("namespace"), "portcullis-dev");
        Files.writeString(directory.resolve("token"), "the-accounts-token\n");
        api = SecretsApi.start("portcullis-dev", "the-accounts-token");
    }

    @AfterEach
    void stop() {
        if (api != null) {
            api.close();
        }
    }

    private String makeSecrets() {
        return node.run(
                directory,
                SOON,
                Map.of("API", api.uri(), "ACCOUNT", directory.toString()),
                List.of(directory.resolve("secrets.mjs").toString()));
    }

    @Test
    void theJobMakesEverySecretThatPodsNeed() throws ParseException {
        assertThat(makeSecrets()).contains("portcullis-redis: made");

        assertThat(ReferenceRules.problems(Overlays.manifest("dev"), withOptionalOnes(api.keys())))
                .isEmpty();
        assertThat(JWKSet.parse(api.value("portcullis-refresh-token-keys/keys.json"))
                        .getKeys())
                .singleElement()
                .satisfies(key -> assertThat(key.size()).isEqualTo(256));
        assertThat(api.value("portcullis-redis/url"))
                .isEqualTo("redis://:" + api.value("portcullis-redis/password") + "@redis:6379");
    }

    private static TreeSet<String> withOptionalOnes(TreeSet<String> made) {
        TreeSet<String> secrets = new TreeSet<>(made);
        secrets.add("portcullis-operators/ANY");
        return secrets;
    }

    @Test
    void theJobLeavesWhatIsThere() {
        makeSecrets();
        String before = api.value("portcullis-access-token-keys/keys.json");

        assertThat(makeSecrets()).contains("portcullis-access-token-keys: is there");

        assertThat(api.value("portcullis-access-token-keys/keys.json")).isEqualTo(before);
    }

    @Test
    void theReadmesLinesShowARotationAndARevokedSession() throws IOException, InterruptedException, ParseException {
        makeSecrets();
        DemoKeys keys = new DemoKeys(
                JWKSet.parse(api.value("portcullis-access-token-keys/keys.json"))
                        .getKeys()
                        .get(0)
                        .toOctetSequenceKey(),
                file("portcullis-access-token-keys"),
                file("portcullis-refresh-token-keys"));
        Path output = directory.resolve("backend.txt");
        Process backend = node.start(
                output,
                Map.of("PORT", "0", "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString()),
                List.of(directory.resolve("backend.mjs").toString()));
        try (TestGateway gateway = TestGateway.start(keys, "http://127.0.0.1:" + portIn(output))) {
            String shown = shell(DemoInstructions.forPort(gateway.port()));

            String refused = "HTTP/1\\.1 401 Unauthorized.*\\{\"error\":\"Invalid or expired refresh token\"}";
            assertThat(shown)
                    .matches(
                            "(?s)\\{\"message\":\"Login successful\",.*\\{\"message\":\"Token refreshed successfully\",.*"
                                    + refused + ".*" + refused + "\\s*");
            assertThat(gateway.get("/api/health").body()).isEqualTo("{\"status\":\"UP\"}");
            assertThat(Files.readString(output)).doesNotContain("!!!");
        } finally {
            InstalledProgram.end(backend);
        }
    }

    @Test
    void aClientThatLeavesInItsBodyDoesNotEndTheApplication() throws IOException {
        makeSecrets();
        Path output = directory.resolve("backend.txt");
        Process backend = node.start(
                output,
                Map.of(
                        "PORT",
                        "0",
                        "ACCESS_TOKEN_KEYS",
                        file("portcullis-access-token-keys").toString()),
                List.of(directory.resolve("backend.mjs").toString()));
        try {
            int port = portIn(output);
            try (RawConnection leaves = RawConnection.to(port)) {
                leaves.write(
                        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");
                assertThat(leaves.head()).as("it waits for the body").startsWith("HTTP/1.1 100 ");
            }

            assertThat(RawClient.send(port, "GET /api/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(backend.isAlive()).isTrue();
        } finally {
            InstalledProgram.end(backend);
        }
    }

    private Path file(String secret) throws IOException {
        return Files.writeString(directory.resolve(secret + ".json"), api.value(secret + "/keys.json"));
    }

    private static int portIn(Path output) {
        Pattern listening = Pattern.compile("listening on (\\d+)");
        await().atMost(SOON)
                .until(() -> listening.matcher(Files.readString(output)).find());
        Matcher port = listening.matcher(Overlays.read(output));
        assertThat(port.find()).isTrue();
        return Integer.parseInt(port.group(1));
    }

    private static String shell(String lines) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("bash", "-eu", "-c", lines)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
        String shown = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(shell.exitValue()).as(shown).isZero();
        return shown;
    }
}
