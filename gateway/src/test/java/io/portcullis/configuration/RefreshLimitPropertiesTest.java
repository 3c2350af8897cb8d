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

/** {@code portcullis.refresh.limit}: each mistake alone has its sentence, and only that. */
class RefreshLimitPropertiesTest {
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
                "per-address | -1 | is not between 0 and 1000000",
                "per-address | 1000001 | is not between 0 and 1000000",
                "per-address | many | 'many' is not a int",
                "address-burst | 0 | is not between 1 and 1000000",
                "address-burst | 1000001 | is not between 1 and 1000000",
                "per-session | -1 | is not between 0 and 1000000",
                "session-burst | 0 | is not between 1 and 1000000",
                "ipv6-prefix | 0 | is not between 1 and 128",
                "ipv6-prefix | 129 | is not between 1 and 128",
                "tracked | 0 | is not between 1 and 1000000",
                "tracked | 1000001 | is not between 1 and 1000000"
            })
    void valueThatMakesNoSenseIsNamed(String property, String value, String sentence) {
        assertThat(good().property("portcullis.refresh.limit." + property + "=" + value)
                        .problems())
                .containsExactly("portcullis.refresh.limit." + property + ": " + sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "per-address=0",
                "per-address=1000000",
                "address-burst=1",
                "per-session=0",
                "session-burst=1000000",
                "ipv6-prefix=1",
                "ipv6-prefix=128",
                "tracked=1"
            })
    void valueThatMakesSensePasses(String property) {
        assertThat(good().property("portcullis.refresh.limit." + property).problems())
                .isEmpty();
    }
}
