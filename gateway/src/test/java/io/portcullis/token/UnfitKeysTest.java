package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.SecurityLine;
import io.portcullis.token.JwkSetFile.Content;
import io.portcullis.token.JwkSetFile.Keys;
import io.portcullis.token.JwkSetFile.Unusable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are long enough, and nobody may use: everybody can guess them, has them, or should not have them. */
class UnfitKeysTest {
    @TempDir
    private Path directory;

    private Content read(String text) throws IOException {
        return JwkSetFile.read(Files.writeString(directory.resolve("keys.json"), text));
    }

    private static List<String> problems(Content content) {
        assertThat(content).isInstanceOf(Unusable.class);
        return ((Unusable) content).problems();
    }

    private static String secret(byte[] bytes) {
        return "{\"keys\":[" + new OctetSequenceKey.Builder(bytes).build().toJSONString() + "]}";
    }

    @Test
    void secretOfEightDifferentBytesIsTaken() throws IOException {
        assertThat(read(secret("12345678".repeat(8).getBytes(StandardCharsets.US_ASCII))))
                .isInstanceOf(JwkSetFile.Keys.class);
    }

    @Test
    @SecurityLine(20)
    void secretThatRepeatsAFewBytesIsRefused() throws IOException {
        assertThat(problems(read(secret(new byte[32]))))
                .singleElement()
                .asString()
                .contains("repeats a few bytes");
        assertThat(problems(read(secret("1234567".repeat(8).getBytes(StandardCharsets.US_ASCII)))))
                .singleElement()
                .asString()
                .contains("repeats a few bytes");
        assertThat(read(secret("31415926535897932384626433832795".getBytes(StandardCharsets.US_ASCII))))
                .isInstanceOf(Keys.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // RFC 7515, A.1
                """
                {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}""",
                // jwt.io
                """
                {"kty":"oct","alg":"HS256","k":"YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc"}""",
                // RFC 7515, A.3
                """
                {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                 "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X9fCE9-E9LI"}""",
                // the same, public
                """
                {"kty":"EC","crv":"P-256","kid":"mine","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                 "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""",
                // RFC 8037, A.1
                """
                {"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                 "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"""
            })
    @SecurityLine(20)
    void keyThatIsPublishedIsRefused(String jwk) throws IOException {
        assertThat(problems(read("{\"keys\":[" + jwk + "]}")))
                .singleElement()
                .asString()
                .endsWith("cannot be used: it is a sample that is published: anybody has it");
    }

    @Test
    void privateKeyIsRefusedWhereThePublicOneIsEnough() throws IOException {
        JWK pair = SampleKeys.of("ES256", "theirs");
        Path file = SampleKeys.write(directory.resolve("keys.json"), pair);

        assertThat(problems(KeyFile.read(file).keysToVerify()))
                .containsExactly("key 1 of " + file
                        + " has its private part, which is for whoever signs: the public one is enough");
        assertThat(KeyFile.read(SampleKeys.write(file, pair.toPublicJWK())).keysToVerify())
                .isInstanceOf(Keys.class);
        // both sides share it
        assertThat(KeyFile.read(SampleKeys.write(file, SampleKeys.secret("shared")))
                        .keysToVerify())
                .isInstanceOf(Keys.class);
    }

    @Test
    void pemIsSaidToBePem() throws IOException {
        assertThat(problems(read("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n")))
                .containsExactly(
                        "is not a JWK Set but PEM, which is to be converted: " + directory.resolve("keys.json"));
    }

    @Test
    void fileWithoutEndIsNotReadToItsEnd() throws IOException {
        assertThat(problems(read("{\"keys\":[" + " ".repeat(1 << 20) + "]}")))
                .containsExactly("cannot be read: " + directory.resolve("keys.json") + " (larger than 1 MiB)");
    }
}
