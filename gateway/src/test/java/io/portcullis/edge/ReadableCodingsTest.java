package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

class ReadableCodingsTest {
    private static final ReadableCodings ALL = new ReadableCodings(true);
    private static final ReadableCodings WITHOUT_BROTLI = new ReadableCodings(false);

    private static String offered(ReadableCodings codings, String... lines) {
        HttpHeaders headers = new HttpHeaders();
        for (String line : lines) {
            headers.add(HttpHeaders.ACCEPT_ENCODING, line);
        }
        codings.restrict(headers);
        return String.join(" | ", headers.getOrEmpty(HttpHeaders.ACCEPT_ENCODING));
    }

    private static ContentCoding coding(ReadableCodings codings, String... lines) {
        HttpHeaders headers = new HttpHeaders();
        for (String line : lines) {
            headers.add(HttpHeaders.CONTENT_ENCODING, line);
        }
        return codings.of(headers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "gzip, deflate, br, zstd > gzip, deflate, br",
                "br;q=1.0, gzip ;q=0.8, *;q=0.1 > br;q=1.0, gzip ;q=0.8",
                "BR,X-GZIP > BR, X-GZIP",
                "identity;q=0, br > identity;q=0, br",
                "zstd > identity",
                "* > identity",
                "'' > identity"
            })
    void aBackendIsOfferedOnlyTheCodingsThatCanBeRead(String asked, String offered) {
        assertThat(offered(ALL, asked)).isEqualTo(offered);
    }

    @Test
    void brIsTakenOutWhereItsLibraryCannotBeLoaded() {
        assertThat(offered(WITHOUT_BROTLI, "gzip, deflate, br")).isEqualTo("gzip, deflate");
        assertThat(offered(WITHOUT_BROTLI, "br")).isEqualTo("identity");
        assertThat(coding(WITHOUT_BROTLI, "br")).isNull();
        assertThat(coding(WITHOUT_BROTLI, "gzip")).isEqualTo(ContentCoding.GZIP);
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(offered(ALL, "br", "zstd, gzip")).isEqualTo("br, gzip");
    }

    @Test
    void aClientThatAskedForNothingStillDoes() {
        assertThat(offered(ALL)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, GZIP",
        "GZip, GZIP",
        "X-GZIP, GZIP",
        "Deflate, DEFLATE",
        "BR, BROTLI",
        "identity, IDENTITY",
        "'', IDENTITY"
    })
    void aCodingIsKnownByItsNameInAnyCase(String name, ContentCoding coding) {
        assertThat(coding(ALL, name)).isEqualTo(coding);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"zstd", "compress", "gzip, br", "br,", "gzip;q=1"})
    void othersAndSeveralAtOnceAreNotRead(String name) {
        assertThat(name == null ? coding(ALL, "gzip", "br") : coding(ALL, name)).isNull();
    }

    @Test
    void theLibraryIsThereOnTheMachinesThatTheGatewayIsBuiltFor() {
        assertThat(ReadableCodings.ofThisPlatform()).isEqualTo(ALL);
    }
}
