package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.token.JwkSetFile;
import io.portcullis.token.JwkSetFile.Keys;
import io.portcullis.token.NewJwkSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysCommandTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static List<String> algorithms() {
        return NewJwkSet.ALGORITHMS;
    }

    private int run(String... args) {
        return KeysCommand.run(args, new PrintStream(out, true), new PrintStream(err, true));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void theGatewayTakesTheFile(String algorithm) throws IOException {
        Path file = directory.resolve("keys.json");

        assertThat(run("keys", algorithm, file.toString())).isZero();

        assertThat(JwkSetFile.read(file)).isInstanceOf(Keys.class);
        assertThat(Files.readString(file)).contains("\"alg\":\"" + algorithm + "\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8))
                .isEmpty();
    }

    @Test
    void withoutAFileTheKeyIsPrinted() throws IOException {
        Path file = directory.resolve("keys.json");

        assertThat(run("keys", "HS256")).isZero();
        Files.writeString(file, out.toString(StandardCharsets.UTF_8));

        assertThat(JwkSetFile.read(file)).isInstanceOf(Keys.class);
    }

    @Test
    void eachKeyIsAnother() {
        assertThat(NewJwkSet.of("HS256")).isNotEqualTo(NewJwkSet.of("HS256"));
    }

    @Test
    void fileThatIsThereIsLeftAlone() throws IOException {
        Path file = Files.writeString(directory.resolve("keys.json"), "in use");

        assertThat(run("keys", "HS256", file.toString())).isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains(file + " is there already");
        assertThat(Files.readString(file)).isEqualTo("in use");
    }

    @Test
    void fileThatCannotBeWrittenIsNamed() {
        Path file = directory.resolve("nowhere").resolve("keys.json");

        assertThat(run("keys", "HS256", file.toString())).isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith(file + " cannot be written");
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "keys none", "keys hs256", "keys HS256 a b"})
    void whatIsNoUseOfItIsSaid(String line) {
        assertThat(run(line.split(" "))).isEqualTo(2);

        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage: keys <algorithm> [file]");
    }

    @Test
    void theProgramsFirstArgumentIsTheCommand() {
        Path file = directory.resolve("keys.json");

        PortcullisApplication.main(new String[] {"keys", "ES256", file.toString()});

        assertThat(file).exists();
    }
}
