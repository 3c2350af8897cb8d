package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code portcullis.revocation}: each mistake alone has its sentence, and only that. */
class RevocationPropertiesTest {
    private static DemoKeys keys;

    @TempDir
    private Path directory;

    @BeforeAll
    static void generateKeys() {
        keys = DemoKeys.generate();
    }

    @AfterAll
    static void deleteKeys() {
        keys.close();
    }

    private CheckedConfiguration good() {
        return new CheckedConfiguration(keys, directory);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "bound | 0 | is not between 1 and 10000000",
                "bound | 10000001 | is not between 1 and 10000000",
                "bound | many | 'many' is not a int",
                "catch-up-timeout | -1s | is not between 0s and 1h",
                "catch-up-timeout | 2h | is not between 0s and 1h",
                "when-unknown | drop | 'drop' is not one of [forward, refuse]",
                "unknown-after | 9s | is not between 10s and 1h",
                "unknown-after | 61m | is not between 10s and 1h",
                "headers | Authorization,X Token | 'X Token' is not a header's name",
                "query-parameters | a=b | 'a=b' is not a parameter's name"
            })
    void valueThatMakesNoSenseIsNamed(String property, String value, String sentence) {
        assertThat(good().property("portcullis.revocation." + property + "=" + value)
                        .problems())
                .containsExactly("portcullis.revocation." + property + ": " + sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bound=1",
                "catch-up-timeout=0s",
                "when-unknown=refuse",
                "unknown-after=10s",
                "headers=",
                "headers=Authorization,X-Access-Token",
                "query-parameters=",
                "query-parameters=access_token,auth-token"
            })
    void valueThatMakesSensePasses(String property) {
        assertThat(good().property("portcullis.revocation." + property).problems())
                .isEmpty();
    }
}
