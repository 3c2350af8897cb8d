package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.configuration.OperatorsProperties.AttemptsProperties;
import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use the endpoint {@code sessions}, and what cannot be meant by it. */
class OperatorsPropertiesCheckTest {
    private static final DemoKeys KEYS = DemoKeys.generate();
    private static final String HASH_2B = "{bcrypt}$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE";
    private static final String HASH = "{bcrypt}$2a$04$" + "a".repeat(53);

    @TempDir
    private Path directory;

    @AfterAll
    static void end() {
        KEYS.close();
    }

    private CheckedConfiguration good() {
        return new CheckedConfiguration(KEYS, directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {HASH_2B, "{noop}twelve chars"})
    void passwordIsAHashOrSaysThatItIsNone(String password) {
        assertThat(good().property("portcullis.operators.passwords.ada=" + password)
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "hunter2hunter2",
                "{bcrypt}hunter2hunter2",
                "{noop}hunter2",
                "{noop}",
                "{MD5}hunter2hunter2"
            })
    void anyOtherPasswordStopsTheStartAndIsNotPrinted(String password) {
        List<String> problems = good().property("portcullis.operators.passwords.ada=" + password)
                .problems();

        assertThat(problems)
                .containsExactly("portcullis.operators.passwords.ada: is neither {bcrypt} and a hash nor {noop} and a "
                        + "password of 12 characters at least");
    }

    @Test
    void passwordFromAVariableIsNamedByIt() {
        assertThat(good().with("PORTCULLIS_OPERATORS_PASSWORDS_ADA", "hunter2").problems())
                .singleElement()
                .asString()
                .startsWith("portcullis.operators.passwords.ada (PORTCULLIS_OPERATORS_PASSWORDS_ADA): ")
                .doesNotContain("hunter2");
    }

    @Test
    void certificatesThatNobodyIsAskedForStopTheStart() {
        assertThat(good().property("portcullis.operators.certificates=ada").problems())
                .containsExactly("portcullis.operators.certificates: nobody is asked for one unless "
                        + "management.server.ssl.client-auth is want or need");
        assertThat(good().property("portcullis.operators.certificates=ada")
                        .property("management.server.ssl.client-auth=want")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"per-minute, 0", "per-minute, 1000001", "burst, 0", "tracked, 0", "tracked, -1"})
    void limitThatMakesNoSenseStopsTheStart(String property, String value) {
        assertThat(good().property("portcullis.operators.attempts." + property + "=" + value)
                        .problems())
                .containsExactly("portcullis.operators.attempts." + property + ": is not between 1 and 1000000");
    }

    @Test
    void propertiesDoNotPrintPasswords() {
        assertThat(new OperatorsProperties(Map.of("ada", HASH), List.of("bob"), new AttemptsProperties(1, 2, 3)))
                .hasToString("OperatorsProperties[ada][bob]");
    }
}
