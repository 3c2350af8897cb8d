package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.token.JwkSetFile.Keys;
import io.portcullis.token.JwkSetFile.Unusable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
    private static final int LARGEST = 1 << 20;

    @TempDir
    private Path directory;

    private static byte[] digest(Path file) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        KeyFile.read(file).addTo(digest);
        return digest.digest();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("keys.json"), text);
    }

    @Test
    void itsDigestIsThatOfItsContent() throws Exception {
        byte[] before = digest(file("{\"keys\":[]}"));

        assertThat(digest(file("{\"keys\":[]}"))).isEqualTo(before);
        assertThat(digest(file("{\"keys\":[0]}"))).isNotEqualTo(before);
    }

    @Test
    void aFileThatIsGoneIsNotOneThatSaysSo() throws Exception {
        byte[] saysSo = digest(file("NoSuchFileException"));
        byte[] empty = digest(file(""));
        Files.delete(directory.resolve("keys.json"));

        assertThat(digest(directory.resolve("keys.json"))).isNotEqualTo(saysSo).isNotEqualTo(empty);
    }

    @Test
    void itsDigestIsThatOfItsPlaceToo() throws Exception {
        Path one = file("{\"keys\":[]}");
        Path other = Files.copy(one, directory.resolve("other.json"));

        assertThat(digest(other)).isNotEqualTo(digest(one));
    }

    @Test
    void aMebibyteIsTheLargest() throws IOException {
        String keys = NewJwkSet.of("HS256");

        Path largest = file(keys + " ".repeat(LARGEST - keys.length()));
        assertThat(KeyFile.read(largest).keys()).isInstanceOf(Keys.class);
        Path larger = file(keys + " ".repeat(LARGEST - keys.length() + 1));
        assertThat(KeyFile.read(larger).keys())
                .isInstanceOfSatisfying(
                        Unusable.class,
                        unusable -> assertThat(unusable.problems())
                                .containsExactly("cannot be read: " + larger + " (larger than 1 MiB)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"S3CRET\".json", "{\"k\":\"S3CRET\"}.json", "S3CRET"})
    void whatMayBeTheKeyItselfIsNotShown(String value) {
        assertThat(KeyFile.read(Path.of(value)).keys())
                .isInstanceOfSatisfying(
                        Unusable.class,
                        unusable -> assertThat(unusable.problems().toString())
                                .contains("is not the path of a file")
                                .doesNotContain("S3CRET"));
    }

    @Test
    void isNamedInTextByItsPath() throws IOException {
        Path file = file("{}");

        assertThat(KeyFile.read(file)).hasToString("KeyFile[" + file + "]");
    }
}
