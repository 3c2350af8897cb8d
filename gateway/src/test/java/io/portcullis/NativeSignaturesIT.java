package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The native provider of signatures is in the jar, and is found there and in the layers that an image is made of. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
class NativeSignaturesIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
    private static final Path JAR = Path.of(System.getProperty("portcullis.jar"));
    private static final String NATIVE =
            "Signatures of EC, RSA and Ed25519 keys are made by AmazonCorrettoCryptoProvider";

    @AutoClose
    private static final DemoKeys KEYS = DemoKeys.generate();

    @TempDir
    private Path directory;

    private String checkConfig(Path jar, String algorithm, String... jvmArguments) throws Exception {
        Path keys = Files.writeString(directory.resolve(algorithm + ".json"), Jwks.set(Jwks.generate(algorithm)));
        Map<String, String> variables = new HashMap<>(Map.of(
                "SPRING_DATA_REDIS_URL",
                "redis://127.0.0.1:6379",
                "BACKEND_URI",
                "http://127.0.0.1:3000",
                "ACCESS_TOKEN_KEYS",
                KEYS.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS",
                keys.toString()));
        try (GatewayProcess check = GatewayProcess.checkConfig(jar, variables, jvmArguments)) {
            assertThat(check.exitCode(ENDS_WITHIN)).as(check::output).isZero();
            return check.output();
        }
    }

    @Test
    void theyAreMadeByWhatIsInTheJar() throws Exception {
        assertThat(checkConfig(JAR, "ES256")).containsOnlyOnce(NATIVE).doesNotContain("WARNING");
    }

    @Test
    void theyAreMadeByWhatIsInTheLayers() throws Exception {
        Process extract = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djarmode=tools",
                        "-jar",
                        JAR.toString(),
                        "extract",
                        "--destination",
                        directory.resolve("app").toString())
                .inheritIO()
                .start();
        assertThat(extract.waitFor()).isZero();

        assertThat(checkConfig(directory.resolve("app").resolve(JAR.getFileName()), "EdDSA"))
                .containsOnlyOnce(NATIVE);
    }

    @Test
    void theyAreMadeInJavaWhereNothingCanBeUnpacked() throws Exception {
        assertThat(checkConfig(JAR, "EdDSA", "-Dcom.amazon.corretto.crypto.provider.tmpdir=/proc/nowhere"))
                .containsOnlyOnce("Signatures of EC, RSA and Ed25519 keys are made in Java")
                .contains("The configuration can be used.");
    }

    /** Nobody waits 250 ms for what is not used. */
    @Test
    void nothingIsLoadedForKeysWithoutAPublicHalf() throws Exception {
        assertThat(checkConfig(JAR, "HS256")).doesNotContain("Signatures of EC");
    }
}
