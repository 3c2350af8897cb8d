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
}
