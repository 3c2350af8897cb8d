package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.SecurityLine;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that are signed with the gateway's own key, and yet are none of its refresh tokens. */
class RefreshTokenShapeTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final OctetSequenceKey KEY = SampleKeys.secret("app-1");
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"app-1\"}";
    private static final String PAYLOAD =
            "{\"iss\":\"portcullis\",\"aud\":\"app\",\"sub\":\"u1\",\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAu4\",\"gen\":3,"
                    + "\"iat\":1772366400,\"exp\":1772370000,\"auth_time\":1772366400,"
                    + "\"access_header\":{\"alg\":\"HS256\"},\"access_claims\":{\"sub\":\"u1\"}}";

    private final RefreshTokenCodec codec = new RefreshTokenCodec(
            "portcullis",
            SampleKeys.current(Map.of("app", SampleKeys.keys(KEY))),
            Duration.ZERO,
            InstantSource.fixed(NOW));

    private RefreshTokenCheck verify(String header, String payload) {
        return codec.verify(RawJws.sign(KEY, header, payload));
    }

    @Test
    void theShapeTheOthersDifferFromIsVerified() {
        assertThat(verify(HEADER, PAYLOAD)).isInstanceOf(Verified.class);
    }

    static Stream<String> hostileKids() {
        return Stream.of(
                "../../../../dev/null",
                "/etc/passwd",
                "file:///dev/null",
                "app-*",
                "app-?",
                "*",
                "%",
                "' OR '1'='1",
                "app-1'; DROP TABLE keys; --",
                "APP-1",
                "app-1 ",
                "app-1\\u0000",
                "a".repeat(100_000),
                "");
    }

    @ParameterizedTest
    @MethodSource("hostileKids")
    @SecurityLine(17)
    void hostileKidIsMalformed(String kid) {
        assertThat(verify(HEADER.replace("app-1", kid), PAYLOAD)).isEqualTo(Rejected.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"jku\":\"https://evil.example/keys.json\"",
                "\"x5u\":\"https://evil.example/chain.pem\"",
                "\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}",
                "\"x5c\":[\"MIIB\"]",
                "\"crit\":[\"exp\"]",
                "\"crit\":[\"b64\"],\"b64\":false",
                "\"zip\":\"DEF\"",
                "\"cty\":\"JWT\"",
                "\"kid\":\"app-1\""
            })
    void headerWithAnythingMoreIsMalformed(String more) {
        assertThat(verify(HEADER.replace("}", "," + more + "}"), PAYLOAD)).isEqualTo(Rejected.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"app-1\"}",
                "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"app-1\"}",
                "{\"alg\":\"HS256\",\"typ\":\"RT+JWT\",\"kid\":\"app-1\"}",
                "{\"alg\":\"HS256\",\"kid\":\"app-1\"}",
                "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\"}",
                "{\"typ\":\"rt+jwt\",\"alg\":\"HS256\",\"kid\":\"app-1\"}",
                "{\"alg\": \"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"app-1\"}",
                "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"app-1\"} ",
                "{\"alg\":\"HS256\"}",
                "{}",
                "[]",
                "HS256"
            })
    void anyOtherHeaderIsMalformed(String header) {
        assertThat(verify(header, PAYLOAD)).isEqualTo(Rejected.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"iss\":\"portcullis\"",
                "\"aud\":\"app\"",
                "\"sub\":\"u1\"",
                "\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAu4\"",
                "\"gen\":3",
                "\"iat\":1772366400",
                "\"exp\":1772370000",
                "\"auth_time\":1772366400",
                "\"access_header\":{\"alg\":\"HS256\"}",
                "\"access_claims\":{\"sub\":\"u1\"}"
            })
    void everyClaimIsNeededAndHasOneType(String claim) {
        String name = claim.substring(0, claim.indexOf(':') + 1);
        String without = PAYLOAD.replace(claim, "\"x\":0");
        assertThat(without).isNotEqualTo(PAYLOAD);

        assertThat(verify(HEADER, without)).as("missing").isEqualTo(Rejected.MALFORMED);
        for (String value : List.of("null", "true", "[]", "[\"app\"]", "1.5", "1e9", "\"\"", "\" \"")) {
            assertThat(verify(HEADER, PAYLOAD.replace(claim, name + value)))
                    .as(value)
                    .isEqualTo(Rejected.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"iss\":\"Portcullis\"",
                "\"iss\":\"portcullis \"",
                "\"aud\":\"dashboard\"",
                "\"aud\":\"App\"",
                "\"aud\":{\"a\":\"app\"}",
                "\"sid\":\"AAAAAAAAAAAAAAAAAAAAAu4\"",
                // in the partition of another subject
                "\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAu5\"",
                "\"sid\":\"AAAAAAAAAAAAAAAAAAAAA*u4\"",
                "\"sid\":\"AAAAAAAAAAAAAAAAAAAAA\\nu4\"",
                "\"gen\":-1",
                "\"gen\":99999999999999999999",
                "\"gen\":\"3\"",
                "\"iat\":9223372036854775807",
                "\"exp\":9223372036854775807",
                "\"auth_time\":-9223372036854775808",
                "\"access_header\":\"{}\"",
                "\"access_claims\":[{}]"
            })
    void claimOfAnotherValueIsMalformed(String claim) {
        String name = claim.substring(0, claim.indexOf(':') + 1);
        String payload = PAYLOAD.replaceFirst(name + "(\\{[^}]*}|[^,]*)", claim.replace("\\", "\\\\"));
        assertThat(payload).contains(claim);

        assertThat(verify(HEADER, payload)).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void payloadThatIsNotStrictJsonIsRefused() {
        assertThat(verify(HEADER, PAYLOAD + " x")).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, PAYLOAD + PAYLOAD)).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, "\uFEFF" + PAYLOAD)).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, "[" + PAYLOAD + "]")).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, PAYLOAD.replace("\"gen\":3", "\"gen\":3,\"gen\":4")))
                .isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, PAYLOAD.replace("\"gen\"", "\"\\u0067en\":3,\"gen\"")))
                .isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, "{".repeat(200))).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, "u1")).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void expiredTokenIsExpired() {
        assertThat(verify(HEADER, PAYLOAD.replace("1772370000", "1772366401"))).isInstanceOf(Verified.class);
        assertThat(verify(HEADER, PAYLOAD.replace("1772370000", "1772366400"))).isEqualTo(Rejected.EXPIRED);
        assertThat(verify(HEADER, PAYLOAD.replace("1772370000", "-1"))).isEqualTo(Rejected.EXPIRED);
    }

    @Test
    void lastInstantThereIsIsNotExpired() {
        RefreshTokenCodec skewed = new RefreshTokenCodec(
                "portcullis",
                SampleKeys.current(Map.of("app", SampleKeys.keys(KEY))),
                Duration.ofSeconds(30),
                InstantSource.fixed(NOW));
        String token = RawJws.sign(KEY, HEADER, PAYLOAD.replace("1772370000", "31556889864403199"));

        assertThat(skewed.verify(token)).isInstanceOf(Verified.class);
    }

    @Test
    void accessTokenIsNoRefreshToken() {
        String claims = "{\"sub\":\"u1\",\"exp\":1772370000,\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAu4\"}";

        assertThat(verify("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims)).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, claims)).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void nestedAndEncryptedFormsAreMalformed() throws Exception {
        String genuine = RawJws.sign(KEY, HEADER, PAYLOAD);
        JWEObject encrypted = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A128CBC_HS256)
                        .contentType("JWT")
                        .build(),
                new Payload(genuine));
        encrypted.encrypt(new DirectEncrypter(KEY.toByteArray()));

        assertThat(codec.verify(encrypted.serialize())).isEqualTo(Rejected.MALFORMED);
        assertThat(verify(HEADER, genuine)).isEqualTo(Rejected.MALFORMED);
        assertThat(codec.verify(genuine + "." + genuine)).isEqualTo(Rejected.MALFORMED);
        assertThat(codec.verify("{\"payload\":\"x\",\"signatures\":[]}")).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void hugeTokenIsMalformed() {
        assertThat(codec.verify("A".repeat(5_000_000) + ".A.A")).isEqualTo(Rejected.MALFORMED);
    }
}
