package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactJwsTest {

    @Test
    void threePartsAreTakenApart() {
        CompactJws jws = CompactJws.split("e30.eyJhIjoxfQ.-_8");

        assertThat(jws.header()).isEqualTo("e30");
        assertThat(jws.signature()).isEqualTo("-_8");
        assertThat(jws.headerJson()).asString().isEqualTo("{}");
        assertThat(jws.payloadJson()).asString().isEqualTo("{\"a\":1}");
        assertThat(jws.signingInput()).asString().isEqualTo("e30.eyJhIjoxfQ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "e30",
                "e30.e30",
                "e30.e30.",
                "e30..e30",
                ".e30.e30",
                "..",
                "...",
                "e30.e30.e30.",
                ".e30.e30.e30",
                "e30.e30.e30.e30",
                "e30.e30.e30.e30.e30"
            })
    void otherThanThreePartsIsNoJws(String text) {
        assertThat(CompactJws.split(text)).isNull();
    }

    /** {@code e30} is {@code 7B 7D}: the last two bits of its third character decode to nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "e31", "e32", "e33", "e30=", "e30==", "e3", "e3 0", " e30", "e30\n", "e", "e3+", "e3/", "e3é", "e3ı",
                "😀", "😀😀😀", "😀e30", "e3\0", "=", "====", "ｅ30", "e3%30", "e-3=0"
            })
    void partThatIsNotCanonicalBase64UrlIsNoJws(String part) {
        assertThat(CompactJws.split(part + ".e30.e30")).isNull();
        assertThat(CompactJws.split("e30." + part + ".e30")).isNull();
        assertThat(CompactJws.split("e30.e30." + part)).isNull();
        assertThat(CompactJws.split("e30.e30.e30")).isNotNull();
    }

    /** All texts of up to four of these characters, by what a second encoding would say. */
    @Test
    void partIsCanonicalWhereItIsWhatItsBytesAreEncodedTo() {
        String characters = "Aa0-_gwQ148cB=+/. \u00e9\u0131\u8141";
        List<String> texts = List.of("");
        for (int length = 1; length <= 4; length++) {
            texts = texts.stream()
                    .flatMap(text -> characters.chars().mapToObj(c -> text + (char) c))
                    .toList();
            for (String text : texts) {
                assertThat(CompactJws.split("e30." + text + ".e30") != null)
                        .as(text)
                        .isEqualTo(isCanonical(text));
            }
        }
    }

    /** As the last of two and three characters, each of the 64 and some others. */
    @Test
    void lastCharacterHasNoBitsThatSayNothing() {
        for (char last = 0; last < 256; last++) {
            for (String text : List.of("e" + last, "e3" + last, "e3A" + last)) {
                assertThat(CompactJws.split("e30.e30." + text) != null).as(text).isEqualTo(isCanonical(text));
            }
        }
    }

    private static boolean isCanonical(String text) {
        try {
            return RawJws.encode(Base64.getUrlDecoder().decode(text)).equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void bytesThatAreNotUtf8AreNoJson() {
        for (byte[] bytes : new byte[][] {
            {(byte) 0xff},
            {'"', (byte) 0xc3, '"'},
            {(byte) 0xc0, (byte) 0x80},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}
        }) {
            CompactJws header = CompactJws.split(RawJws.encode(bytes) + ".e30.e30");
            CompactJws payload = CompactJws.split("e30." + RawJws.encode(bytes) + ".e30");

            assertThat(header.headerJson()).isNull();
            assertThat(header.payloadJson()).isNotNull();
            assertThat(payload.payloadJson()).isNull();
            assertThat(payload.headerJson()).isNotNull();
        }
    }

    @Test
    void textComesBackAsItWas() {
        for (int length = 1; length < 200; length++) {
            String text = "Zoë 漢🦊\u0000\n".repeat(length);

            CompactJws jws = CompactJws.split("e30." + CompactJws.encode(text) + ".e30");

            assertThat(jws.payloadJson()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void anySignatureBytesMayBe() {
        for (int value = 0; value < 256; value++) {
            String signature = RawJws.encode(new byte[] {(byte) value});

            assertThat(CompactJws.split("e30.e30." + signature)).isNotNull();
        }
    }
}
