package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentCodingTest {
    private static final byte[] PLAIN = "{\"a\":\"äöü\"}".repeat(100).getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @CsvSource({"IDENTITY, PLAIN", "GZIP, GZIP", "DEFLATE, ZLIB", "DEFLATE, RAW_DEFLATE", "BROTLI, BROTLI"})
    void theFormStaysTheOneThatItWas(ContentCoding coding, Coded form) {
        byte[] coded = form.encode(PLAIN);

        assertThat(coding.decode(coded, PLAIN.length)).isEqualTo(PLAIN);
        assertThat(form.decode(coding.encode(PLAIN, coded))).isEqualTo(PLAIN);
    }

    @ParameterizedTest
    @CsvSource({"GZIP, GZIP", "DEFLATE, ZLIB", "DEFLATE, RAW_DEFLATE", "BROTLI, BROTLI"})
    void whatIsCutShortBrokenOrEmptyIsNothing(ContentCoding coding, Coded form) {
        byte[] coded = form.encode(PLAIN);
        byte[] broken = coded.clone();
        Arrays.fill(broken, 2, broken.length - 4, (byte) 0x55);

        assertThat(coding.decode(Arrays.copyOf(coded, coded.length - 10), PLAIN.length))
                .isNull();
        assertThat(coding.decode(broken, PLAIN.length)).isNull();
        assertThat(coding.decode(new byte[0], PLAIN.length)).isNull();
        assertThat(coding.decode(PLAIN, PLAIN.length)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"GZIP, GZIP", "DEFLATE, ZLIB", "DEFLATE, RAW_DEFLATE", "BROTLI, BROTLI"})
    @SecurityLine(41)
    void aBombIsNotUnpackedBeyondTheLimit(ContentCoding coding, Coded form) throws IOException {
        byte[] bomb = form.encode(new byte[64 << 20]);

        assertThat(bomb).hasSizeLessThan(1 << 17);
        assertThat(coding.decodeAtMost(bomb, 1001)).hasSize(1001);
        assertThat(coding.decode(bomb, 1000)).isNull();
    }
}
