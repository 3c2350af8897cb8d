package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.SecurityLine;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.AccessTokenCheck.Unverified;
import io.portcullis.token.AccessTokenCheck.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks of RFC 8725 on the backends' access tokens. */
class AccessTokenForgeryTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_772_366_400);
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final OctetSequenceKey KEY = SampleKeys.secret("backend");
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    private static final String CLAIMS = "{\"sub\":\"u1\",\"email\":\"ada@example.com\",\"exp\":1772370000}";

    private final AccessTokenCodec codec = codecAt(NOW);

    private static AccessTokenCodec codecAt(Instant now) {
        return new AccessTokenCodec(SampleKeys.current(KEY), SKEW, InstantSource.fixed(now));
    }

    private AccessTokenCheck verify(String header, String claims) {
        return codec.verify(RawJws.sign(KEY, header, claims));
    }

    @Test
    void theTokenTheOthersDifferFromIsVerified() {
        assertThat(verify(HEADER, CLAIMS)).isInstanceOf(Verified.class);
    }

    @Test
    @SecurityLine(23)
    void everyFlippedBitIsRefused() {
        String[] segments = RawJws.sign(KEY, HEADER, CLAIMS).split("\\.");
        for (int s = 0; s < 3; s++) {
            byte[] bytes = Base64.getUrlDecoder().decode(segments[s]);
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                String[] forged = segments.clone();
                forged[s] = RawJws.encode(flipped);
                assertThat(codec.verify(String.join(".", forged)))
                        .as("segment %d, bit %d", s, bit)
                        .isInstanceOf(Unverified.class);
            }
        }
    }

    @Test
    void everyChangedCharacterIsRefused() {
        String genuine = RawJws.sign(KEY, HEADER, CLAIMS);
        String others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\0é";
        for (int i = 0; i < genuine.length(); i++) {
            for (char other : others.toCharArray()) {
                if (other != genuine.charAt(i)) {
                    assertThat(codec.verify(genuine.substring(0, i) + other + genuine.substring(i + 1)))
                            .as("'%s' at %d", other, i)
                            .isInstanceOf(Unverified.class);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "hs256", "dir"})
    @SecurityLine(16)
    void anotherAlgorithmIsRefused(String alg) {
        String header = HEADER.replace("HS256", alg);
        String unsigned = RawJws.encode(header) + '.' + RawJws.encode(CLAIMS) + '.';

        assertThat(verify(header, CLAIMS)).isEqualTo(Unverified.SIGNATURE);
        assertThat(codec.verify(unsigned)).isEqualTo(Unverified.MALFORMED);
        assertThat(codec.verify(unsigned + "AA")).isEqualTo(Unverified.SIGNATURE);
    }

    @Test
    void strongerSecretDoesNotVerifyAnotherHash() {
        OctetSequenceKey strong = (OctetSequenceKey) SampleKeys.of("HS512", "strong");
        AccessTokenCodec pinned = new AccessTokenCodec(SampleKeys.current(strong), SKEW, InstantSource.fixed(NOW));

        assertThat(pinned.verify(RawJws.hmac(strong.toByteArray(), JWSAlgorithm.HS256, HEADER, CLAIMS)))
                .isEqualTo(Unverified.SIGNATURE);
        assertThat(pinned.verify(RawJws.sign(strong, HEADER.replace("HS256", "HS512"), CLAIMS)))
                .isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"crit\":[\"exp\"]",
                "\"crit\":[]",
                "\"cr\\u0069t\":[\"exp\"]",
                "\"crit\":[\"b64\"],\"b64\":false",
                "\"b64\":true",
                "\"zip\":\"DEF\"",
                "\"enc\":\"A128GCM\"",
                "\"alg\":\"HS256\""
            })
    @SecurityLine(18)
    void headerThatMustBeUnderstoodIsMalformed(String more) {
        assertThat(verify(HEADER.replace("}", "," + more + "}"), CLAIMS)).isEqualTo(Unverified.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"jku\":\"http://127.0.0.1:1/keys.json\"",
                "\"x5u\":\"http://127.0.0.1:1/chain.pem\"",
                "\"jwk\":{\"kty\":\"oct\",\"k\":\"%s\"}",
                "\"x5c\":[\"MIIB\"]"
            })
    @SecurityLine(18)
    void keyThatATokenBringsAlongVerifiesNothing(String more) {
        OctetSequenceKey attackers = SampleKeys.secret("attacker");
        String header = HEADER.replace("}", "," + more.formatted(attackers.getKeyValue()) + "}");

        assertThat(codec.verify(RawJws.sign(attackers, header, CLAIMS))).isEqualTo(Unverified.SIGNATURE);
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.RefreshTokenShapeTest#hostileKids")
    @SecurityLine(17)
    void hostileKidFindsNoKey(String kid) {
        assertThat(verify("{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}", CLAIMS))
                .isEqualTo(Unverified.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{}",
                "{\"alg\":null}",
                "{\"alg\":[\"HS256\"]}",
                "{\"alg\":1}",
                "{\"typ\":\"JWT\"}"
            })
    void headerWithoutAlgorithmIsMalformed(String header) {
        assertThat(verify(header, CLAIMS)).isEqualTo(Unverified.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sub\":\"u1\",\"sub\":\"u2\"}",
                "{\"sub\":\"u1\",\"s\\u0075b\":\"u2\"}",
                "{\"sub\":\"u1\"} ,",
                "[{\"sub\":\"u1\"}]",
                "u1",
                "\uFEFF{\"sub\":\"u1\"}",
                "{\"sub\":\"u1\",\"a\":{\"b\":1,\"b\":2}}"
            })
    void payloadThatIsNotOneStrictObjectIsMalformed(String claims) {
        assertThat(verify(HEADER, claims)).isEqualTo(Unverified.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"sub\":\"\"}",
                "{\"sub\":\" \"}",
                "{\"sub\":null,\"id\":\"u1\"}",
                "{\"sub\":[\"u1\"]}",
                "{\"sub\":{\"id\":\"u1\"}}",
                "{\"sub\":true}",
                "{\"sub\":1.5}",
                "{\"user\":{\"sub\":\"u1\"}}"
            })
    void tokenWithoutSubjectIsOfNobody(String claims) {
        assertThat(verify(HEADER, claims)).isEqualTo(Unverified.NO_SUBJECT);
    }

    @ParameterizedTest
    @CsvSource({
        "exp,1772366370,false",
        "exp,1772366371,true",
        "exp,1772366370.5,true",
        "exp,1.772366371e9,true",
        "exp,0,false",
        "exp,-1,false",
        "exp,1E400,true",
        "nbf,1772366430,true",
        "nbf,1772366431,false",
        "nbf,1772366430.5,false",
        "nbf,0,true",
        "nbf,1E400,false"
    })
    @SecurityLine(19)
    void timesAreCheckedWithTheClockSkew(String claim, String value, boolean inTime) {
        AccessTokenCheck check = verify(HEADER, "{\"sub\":\"u1\",\"" + claim + "\":" + value + "}");

        assertThat(check instanceof Verified).isEqualTo(inTime);
        assertThat(inTime || check.equals(Unverified.EXPIRED)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"1772370000\"", "true", "[]", "{}"})
    void timeThatIsNoNumberIsRefused(String value) {
        assertThat(verify(HEADER, "{\"sub\":\"u1\",\"exp\":" + value + "}")).isInstanceOf(Unverified.class);
        assertThat(verify(HEADER, "{\"sub\":\"u1\",\"nbf\":" + value + "}")).isInstanceOf(Unverified.class);
    }

    @Test
    void refreshTokenIsNoAccessToken() {
        RefreshTokenCodec refreshTokens = new RefreshTokenCodec(
                "portcullis",
                SampleKeys.current(Map.of("app", SampleKeys.keys(SampleKeys.secret("own")))),
                SKEW,
                InstantSource.fixed(NOW));
        String refreshToken = refreshTokens.mint(new RefreshToken(
                new SessionRef("app", "u1", SessionId.random("u1")),
                0,
                NOW,
                NOW.plusSeconds(60),
                NOW,
                new AccessTemplate(HEADER, "{}")));

        assertThat(codec.verify(refreshToken)).isEqualTo(Unverified.SIGNATURE);
    }

    @Test
    void formsOtherThanThreePartsAreMalformed() {
        String genuine = RawJws.sign(KEY, HEADER, CLAIMS);

        for (String token : new String[] {genuine + ".AA", genuine + ".AA.AA", genuine + "=", "", ".", "..", "a.b"}) {
            assertThat(codec.verify(token)).as(token).isEqualTo(Unverified.MALFORMED);
        }
        assertThat(verify(HEADER, genuine)).isEqualTo(Unverified.MALFORMED);
        assertThat(codec.verify("A".repeat(5_000_000) + ".A.A")).isEqualTo(Unverified.MALFORMED);
    }
}
