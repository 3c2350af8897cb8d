package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.token.JwkSetFile;
import io.portcullis.token.JwkSetFile.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The line of {@code config/README.md} that makes a key file of a PEM file, which the gateway does not read. */
class PemKeysIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private static String command() throws IOException {
        return Pattern.compile("```sh\\n([^`]*createPrivateKey[^`]*)```")
                .matcher(Files.readString(Path.of("config/README.md")))
                .results()
                .map(block -> block.group(1))
                .findFirst()
                .orElseThrow();
    }

    private static String pkcs8(String algorithm, int size) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (size > 0) {
            generator.initialize(size);
        }
        byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PRIVATE KEY-----\n";
    }

    @ParameterizedTest
    @CsvSource({"RSA, 2048, RS256", "EC, 256, ES256", "Ed25519, 0, EdDSA"})
    void theGatewayTakesWhatItMakes(String kind, int size, String algorithm) throws Exception {
        InstalledProgram.of("node");
        Files.writeString(directory.resolve("key.pem"), pkcs8(kind, size));

        InstalledProgram.of("sh").run(directory, PATIENCE, List.of("-c", "cd " + directory + "\n" + command()));

        Path file = directory.resolve("access-token-keys.json");
        assertThat(JwkSetFile.read(file))
                .isInstanceOfSatisfying(
                        Keys.class,
                        keys -> assertThat(keys.keys().toString()).isEqualTo("[" + algorithm + " key 2026-03]"));
    }

    @Test
    void thePemFileItselfIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("key.pem"), pkcs8("EC", 256));

        assertThat(JwkSetFile.read(file).toString()).contains("is not a JWK Set but PEM");
    }
}
