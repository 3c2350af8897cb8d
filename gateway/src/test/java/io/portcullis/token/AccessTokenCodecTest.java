package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jwt.SignedJWT;
import io.portcullis.session.SessionId;
import io.portcullis.token.AccessTokenCheck.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenCodecTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final SessionId ID = new SessionId("AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA");
    private static final OctetSequenceKey BACKEND_KEY = SampleKeys.nameless();
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    /** As a backend may write them: odd spaces, numbers and escapes. */
    private static final String CLAIMS =
            "{ \"sub\" : \"u1\",\"price\": 1.50,\"big\":12345678901234567,\"huge\":123456789012345678901234567890,"
                    + "\"e\":1E+2,\"na\\u006de\":\"Zo\\u00eb\\/\",\"city\":\"漢🦊\",\"role\":null,"
                    + "\"org\":{ \"id\" : 7.0, \"sid\":\"kept\", \"a\":[ 1.10 , {} ] },\"iat\":1772366000,\"exp\":1772367800 }";

    private final AccessTokenCodec codec = codec(BACKEND_KEY);

    private static AccessTokenCodec codec(JWK... keys) {
        return new AccessTokenCodec("app", SampleKeys.current(keys), Duration.ofSeconds(30), InstantSource.fixed(NOW));
    }

    private static Verified verified(AccessTokenCodec codec, String token) {
        assertThat(codec.verify(token)).isInstanceOf(Verified.class);
        return (Verified) codec.verify(token);
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void backendTakesMintedTokensForItsOwn(String algorithm) throws Exception {
        JWK key = SampleKeys.of(algorithm, "k");
        AccessTokenCodec one = codec(key);
        String header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\",\"kid\":\"k\"}";
        Verified verified = verified(one, RawJws.sign(key, header, CLAIMS));

        String minted = one.mint(verified.template(), ID, NOW, LIFE);
        String opened = one.withSession(verified, ID);

        assertThat(RawJws.verifies(key, minted)).isTrue();
        assertThat(RawJws.verifies(key, opened)).isTrue();
        assertThat(SignedJWT.parse(minted).getJWTClaimsSet().getExpirationTime())
                .isEqualTo(NOW.plus(LIFE));
        assertThat(SignedJWT.parse(minted).getJWTClaimsSet().getIssueTime()).isEqualTo(NOW);
        assertThat(SignedJWT.parse(minted).getJWTClaimsSet().getSubject()).isEqualTo("u1");
        assertThat(SignedJWT.parse(minted).getJWTClaimsSet().getStringClaim("sid"))
                .isEqualTo(ID.value());
    }

    @Test
    void mintedClaimsAreTheBackendsAsItWroteThem() {
        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS));

        String minted = codec.mint(verified.template(), ID, NOW, LIFE);

        assertThat(RawJws.payload(minted))
                .isEqualTo(
                        "{\"sub\" : \"u1\",\"price\": 1.50,\"big\":12345678901234567,"
                                + "\"huge\":123456789012345678901234567890,\"e\":1E+2,\"na\\u006de\":\"Zo\\u00eb\\/\","
                                + "\"city\":\"漢🦊\",\"role\":null,"
                                + "\"org\":{ \"id\" : 7.0, \"sid\":\"kept\", \"a\":[ 1.10 , {} ] },"
                                + "\"iat\":1772366400,\"exp\":1772368200,\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}");
        assertThat(RawJws.header(minted)).isEqualTo(HEADER);
    }

    @Test
    void openedTokenIsTheBackendsWithTheSessionsId() {
        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS));

        String opened = codec.withSession(verified, ID);

        assertThat(RawJws.payload(opened))
                .isEqualTo("{" + CLAIMS.substring(2, CLAIMS.length() - 2)
                        + ",\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}");
        assertThat(RawJws.header(opened)).isEqualTo(HEADER);
    }

    @Test
    void claimsKeepTheirTextOverManyRefreshes() {
        AccessTemplate first =
                verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS)).template();
        AccessTemplate template = first;

        for (int i = 0; i < 5; i++) {
            template = verified(codec, codec.mint(template, ID, NOW.plusSeconds(i), LIFE))
                    .template();
        }

        assertThat(template).isEqualTo(first);
    }

    @Test
    void sameFactsGiveTheSameBytes() {
        AccessTemplate template =
                verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS)).template();

        assertThat(codec.mint(template, ID, NOW, LIFE)).isEqualTo(codec.mint(template, ID, NOW.plusMillis(999), LIFE));
    }

    @Test
    void timesAndSessionThatAreWrittenWithEscapesAreReplaced() {
        String claims =
                "{\"\\u0065xp\":1772367800,\"sub\":\"u1\",\"\\u0069at\":1,\"s\\u0069d\":\"BBBBBBBBBBBBBBBBBBBBBB\"}";
        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, claims));

        assertThat(RawJws.payload(codec.mint(verified.template(), ID, NOW, LIFE)))
                .isEqualTo(
                        "{\"sub\":\"u1\",\"iat\":1772366400,\"exp\":1772368200,\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}");
        assertThat(RawJws.payload(codec.withSession(verified, ID)))
                .isEqualTo("{\"\\u0065xp\":1772367800,\"sub\":\"u1\",\"\\u0069at\":1,"
                        + "\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}");
    }

    @Test
    void sessionIsReadBackFromItsToken() {
        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS));
        assertThat(verified.session()).isNull();

        assertThat(verified(codec, codec.withSession(verified, ID)).session()).isEqualTo(ID);
        assertThat(verified(codec, codec.mint(verified.template(), ID, NOW, LIFE))
                        .session())
                .isEqualTo(ID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x\"",
                "7",
                "null",
                "\"AAAAAAAAAAAAAAAAAAAAA*I-E_pjkPwrMbetpx3jKLdA\"",
                "\"AAAAAAAAAAAAAAAAAAAAAAKBOqKRbTnF-D-ym1nXa4RA\"",
                "\"AAAAAAAAAAAAAAAAAAAAAAjazZJSZLK1_YW1Wy3uSa1w\"",
                "{\"a\":1}",
                "\"\""
            })
    void sidOfAnotherShapeOrSubjectIsNoSessionOfOursAndIsReplaced(String sid) {
        String claims = "{\"sub\":\"u1\",\"sid\":" + sid + ",\"a\":1}";

        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, claims));

        assertThat(verified.session()).isNull();
        assertThat(RawJws.payload(codec.withSession(verified, ID)))
                .isEqualTo("{\"sub\":\"u1\",\"a\":1,\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sub\":\"u1\"}",
                "{\"id\":\"u1\"}",
                "{\"id\":\"other\",\"sub\":\"u1\"}",
                "{\"\\u0073ub\":\"u1\"}",
                "{\"sub\":\"\\u0075\\u0031\"}"
            })
    void subjectIsSubElseId(String claims) {
        assertThat(verified(codec, RawJws.sign(BACKEND_KEY, HEADER, claims)).subject())
                .isEqualTo("u1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"sub\":12345678901234567}", "{\"id\":12345678901234567}", "{\"id\":\"12345678901234567\"}"})
    void subjectMayBeANumber(String claims) {
        assertThat(verified(codec, RawJws.sign(BACKEND_KEY, HEADER, claims)).subject())
                .isEqualTo("12345678901234567");
    }

    @Test
    void tokenWithoutTimesNeverExpires() {
        AccessTemplate template = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, "{\"sub\":\"u1\"}"))
                .template();

        assertThat(template.claims()).isEqualTo("{\"sub\":\"u1\"}");
    }

    @Test
    void nothingThatIsPrintedHoldsTheClaims() {
        Verified verified = verified(codec, RawJws.sign(BACKEND_KEY, HEADER, CLAIMS));

        assertThat(verified.toString() + verified.template()).doesNotContain("u1", "price", "HS256");
    }

    @Test
    void saysWhenATokenExpires() {
        String token = RawJws.sign(BACKEND_KEY, HEADER, "{\"sub\":\"u1\",\"exp\":1772367800.5}");
        String without = RawJws.sign(BACKEND_KEY, HEADER, "{\"sub\":\"u1\"}");

        assertThat(verified(codec, token).expiresAt()).isEqualTo(Instant.ofEpochMilli(1_772_367_800_500L));
        assertThat(verified(codec, without).expiresAt()).isNull();
    }
}
