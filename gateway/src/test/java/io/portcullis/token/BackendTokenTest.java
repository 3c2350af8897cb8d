package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendTokenTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private static String token(String header, String claims, String signature) {
        return CompactJws.encode(header) + '.' + CompactJws.encode(claims) + '.' + CompactJws.encode(signature);
    }

    private static BackendToken read(String compact) {
        return BackendToken.read(compact, NOW, SKEW);
    }

    @Test
    void saysWhenItExpires() {
        long now = NOW.getEpochSecond();

        assertThat(read(token(HEADER, "{\"exp\":" + (now + 60) + "}", "s")).expiresAt())
                .isEqualTo(NOW.plusSeconds(60));
        assertThat(read(token(HEADER, "{\"exp\":" + (now - 29) + ".5}", "s")).expiresAt())
                .isEqualTo(NOW.minusSeconds(29));
        assertThat(read(token(HEADER, "{}", "s")).expiresAt()).isNull();
    }

    @Test
    void isNotRememberedForEver() {
        assertThat(read(token(HEADER, "{\"exp\":1e300}", "s")).expiresAt()).isEqualTo(NOW.plus(Duration.ofDays(3650)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"exp\":1772366369}",
                "{\"exp\":-1}",
                "{\"exp\":\"1893456000\"}",
                "{\"exp\":null}",
                "{\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
                "[]",
                "{",
                "{\"a\":1,\"a\":1}"
            })
    void claimsThatNoBackendWouldExchangeAreJunk(String claims) {
        assertThat(read(token(HEADER, claims, "s"))).isNull();
    }

    @Test
    void whatIsNoSignedJwtOfABelievableLengthIsJunk() {
        assertThat(read("a.b")).isNull();
        assertThat(read("a.b.c.d")).isNull();
        assertThat(read(token("{\"alg\":\"none\"}", "{}", "s"))).isNull();
        assertThat(read(token("{\"typ\":\"JWT\"}", "{}", "s"))).isNull();
        assertThat(read(token(HEADER, "{\"pad\":\"" + "x".repeat(6200) + "\"}", "s")))
                .isNull();
    }

    @Test
    void aBackendsOwnSidIsNoneOfOurs() {
        assertThat(read(token(HEADER, "{\"sid\":\"6f9619ff-8b86-d011-b42d-00c04fc964ff\"}", "s")))
                .isNotNull();
    }

    @Test
    void namesItsSessionWhateverItsSignature() {
        TokenHash hash = read(token(HEADER, "{\"jti\":1}", "one")).hash();

        assertThat(read(token(HEADER, "{\"jti\":1}", "its twin")).hash()).isEqualTo(hash);
        assertThat(read(token(HEADER, "{\"jti\":2}", "one")).hash()).isNotEqualTo(hash);
    }

    @Test
    void opensWhatItSealedAndNothingElse() {
        BackendToken token = read(token(HEADER, "{\"jti\":1}", "one"));
        String sealed = token.seal("ada@example.org");

        assertThat(token.open(sealed)).isEqualTo("ada@example.org");
        assertThat(read(token(HEADER, "{\"jti\":1}", "its twin")).open(sealed)).isNull();
        assertThat(read(token(HEADER, "{\"jti\":2}", "one")).open(sealed)).isNull();
        assertThat(token.open(sealed.substring(0, sealed.length() - 4) + "AAAA"))
                .isNull();
        assertThat(token.open("")).isNull();
        assertThat(token.open("no base64url!")).isNull();
        assertThat(token.seal("ada@example.org")).isNotEqualTo(sealed);
    }

    @Test
    void saysWhenItWasIssued() {
        long now = NOW.getEpochSecond();

        assertThat(read(token(HEADER, "{\"iat\":" + (now - 60) + ".9}", "s")).issuedAt())
                .isEqualTo(NOW.minusSeconds(60));
        assertThat(read(token(HEADER, "{\"iat\":" + (now + 30) + "}", "s")).issuedAt())
                .isEqualTo(NOW.plus(SKEW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"iat\":\"1772366369\"}", "{\"iat\":0}", "{\"iat\":-1}", "{\"iat\":1772366431}"})
    void aTimeOfIssueThatCannotBeTrueIsNone(String claims) {
        assertThat(read(token(HEADER, claims, "s")).issuedAt()).isNull();
    }

    @Test
    void aTokenOfEightKilobytesIsTheLongest() {
        String longest = token(HEADER, "{\"pad\":\"" + "x".repeat(6096) + "\"}", "s");
        String pad = "A".repeat(8192 - longest.length());

        assertThat(read(longest + pad)).isNotNull();
        assertThat(read(longest + pad + "AAAA")).isNull();
    }

    @Test
    void isNamedInTextByItsHash() {
        BackendToken token = read(token(HEADER, "{}", "s"));

        assertThat(token).hasToString("BackendToken[" + token.hash() + "]");
    }
}
