package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.portcullis.SecurityLine;
import io.portcullis.session.SessionId;
import io.portcullis.token.AccessTokenCheck.Unverified;
import io.portcullis.token.AccessTokenCheck.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which key verifies, which key signs, and what the header of a minted token says of it. */
class AccessTokenKeysTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final SessionId ID = new SessionId("AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA");
    private static final String CLAIMS = "{\"sub\":\"u1\"}";
    private static final String NAMELESS = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private static AccessTokenCodec codec(JWK... keys) {
        return new AccessTokenCodec("app", SampleKeys.current(keys), Duration.ZERO, InstantSource.fixed(NOW));
    }

    private static String reminted(AccessTokenCodec codec, String token) {
        Verified verified = (Verified) codec.verify(token);
        return codec.mint(verified.template(), ID, NOW, Duration.ofMinutes(30));
    }

    @Test
    void tokenWithoutKidIsTriedAgainstEveryKeyOfItsAlgorithm() {
        JWK first = SampleKeys.secret("a");
        JWK second = SampleKeys.nameless();
        JWK third = SampleKeys.secret("c");
        AccessTokenCodec codec = codec(first, SampleKeys.of("ES256", "e"), second, third);

        for (JWK key : List.of(first, second, third)) {
            assertThat(codec.verify(RawJws.sign(key, NAMELESS, CLAIMS))).isInstanceOf(Verified.class);
        }
        assertThat(codec.verify(RawJws.sign(SampleKeys.secret("d"), NAMELESS, CLAIMS)))
                .isEqualTo(Unverified.SIGNATURE);
    }

    @Test
    void tokenWithKidIsTriedAgainstThatKeyAndNamelessOnes() {
        JWK named = SampleKeys.secret("a");
        JWK nameless = SampleKeys.nameless();
        AccessTokenCodec codec = codec(named, SampleKeys.secret("b"), nameless);
        String ofA = "{\"alg\":\"HS256\",\"kid\":\"a\"}";
        String ofB = "{\"alg\":\"HS256\",\"kid\":\"b\"}";

        assertThat(codec.verify(RawJws.sign(named, ofA, CLAIMS))).isInstanceOf(Verified.class);
        assertThat(codec.verify(RawJws.sign(named, ofB, CLAIMS))).isEqualTo(Unverified.SIGNATURE);
        assertThat(codec.verify(RawJws.sign(nameless, ofB, CLAIMS))).isInstanceOf(Verified.class);
    }

    @Test
    void headerWithoutKidStaysWithoutOne() {
        JWK key = SampleKeys.secret("ours");
        AccessTokenCodec codec = codec(key);

        String minted = reminted(codec, RawJws.sign(key, "{ \"typ\" : \"JWT\", \"x\":1.50,\"alg\":\"HS256\"}", CLAIMS));

        assertThat(RawJws.header(minted)).isEqualTo("{\"typ\" : \"JWT\",\"x\":1.50,\"alg\":\"HS256\"}");
        assertThat(RawJws.verifies(key, minted)).isTrue();
    }

    @Test
    void kidOfTheKeyThatSignedIsKeptWhileItSigns() {
        JWK key = SampleKeys.secret("k\"1");
        AccessTokenCodec codec = codec(key);
        String header = "{\"kid\":\"k\\u00221\",\"alg\":\"HS256\",\"typ\":\"JWT\"}";

        assertThat(RawJws.header(reminted(codec, RawJws.sign(key, header, CLAIMS))))
                .isEqualTo(header);
    }

    @Test
    void kidIsReplacedOnceAnotherKeySigns() {
        JWK old = SampleKeys.secret("old");
        JWK fresh = SampleKeys.secret("fr\"esh");
        AccessTokenCodec rolled = codec(fresh, old);
        String header = "{\"kid\":\"old\",\"typ\":\"JWT\",\"alg\":\"HS256\",\"x\":1}";

        String minted = reminted(rolled, RawJws.sign(old, header, CLAIMS));

        assertThat(RawJws.header(minted))
                .isEqualTo("{\"typ\":\"JWT\",\"x\":1,\"alg\":\"HS256\",\"kid\":\"fr\\\"esh\"}");
        assertThat(RawJws.verifies(fresh, minted)).isTrue();
    }

    @Test
    void kidDoesNotNameAKeyThatDidNotSign() {
        JWK old = SampleKeys.secret("old");
        OctetSequenceKey fresh = SampleKeys.nameless();
        AccessTokenCodec rolled = codec(fresh, old);

        String minted = reminted(rolled, RawJws.sign(old, "{\"alg\":\"HS256\",\"kid\":\"old\"}", CLAIMS));

        assertThat(RawJws.header(minted)).doesNotContain("old");
        assertThat(RawJws.verifies(fresh, minted)).isTrue();
    }

    @Test
    void kidThatOnlyTheBackendKnowsIsKept() {
        OctetSequenceKey shared = SampleKeys.nameless();
        String header = "{\"alg\":\"HS256\",\"kid\":\"theirs\"}";

        assertThat(RawJws.header(reminted(codec(shared), RawJws.sign(shared, header, CLAIMS))))
                .isEqualTo(header);
    }

    @ParameterizedTest
    @CsvSource({"HS256,ES256", "HS256,HS512", "RS256,PS256", "ES256,EdDSA"})
    void algorithmFollowsTheKeyThatSigns(String before, String after) {
        JWK old = SampleKeys.of(before, "old");
        JWK fresh = SampleKeys.of(after, "fresh");

        String minted =
                reminted(codec(fresh, old), RawJws.sign(old, "{\"alg\":\"" + before + "\",\"typ\":\"JWT\"}", CLAIMS));

        assertThat(RawJws.header(minted)).isEqualTo("{\"typ\":\"JWT\",\"alg\":\"" + after + "\"}");
        assertThat(RawJws.verifies(fresh, minted)).isTrue();
    }

    @Test
    void headerThatIsOnlyAnAlgorithmCanChangeIt() {
        JWK old = SampleKeys.secret("old");
        JWK fresh = SampleKeys.of("HS512", "fresh");

        assertThat(RawJws.header(reminted(codec(fresh, old), RawJws.sign(old, "{\"alg\":\"HS256\"}", CLAIMS))))
                .isEqualTo("{\"alg\":\"HS512\"}");
    }

    @Test
    void publicKeysVerify() throws Exception {
        RSAKey retired = (RSAKey) SampleKeys.of("RS256", "retired");
        AccessTokenCodec codec = codec(SampleKeys.secret("a"), retired.toPublicJWK());

        assertThat(codec.verify(RawJws.sign(retired, "{\"alg\":\"RS256\"}", CLAIMS)))
                .isInstanceOf(Verified.class);
    }

    @Test
    @SecurityLine(16)
    void publicKeyIsNoHmacSecret() throws Exception {
        RSAKey rsa = (RSAKey) SampleKeys.of("RS256", "k");
        AccessTokenCodec codec = codec(rsa);
        byte[] secret = rsa.toRSAPublicKey().getEncoded();

        for (String alg : List.of("HS256", "RS256")) {
            String header = "{\"alg\":\"" + alg + "\",\"kid\":\"k\"}";
            assertThat(codec.verify(RawJws.hmac(secret, JWSAlgorithm.HS256, header, CLAIMS)))
                    .isEqualTo(Unverified.SIGNATURE);
        }
    }

    @Test
    void headersOfSessionsDoNotMix() {
        JWK key = SampleKeys.secret("ours");
        AccessTokenCodec codec = codec(key);
        List<String> headers =
                List.of("{\"alg\":\"HS256\",\"a\":1}", "{\"alg\":\"HS256\",\"a\":2}", "{\"alg\":\"HS256\",\"a\":2}");

        for (int i = 0; i < 6; i++) {
            String header = headers.get(i % 3);

            assertThat(RawJws.header(reminted(codec, RawJws.sign(key, header, CLAIMS))))
                    .isEqualTo(header);
        }
    }

    @Test
    void headerNamesTheKeyThatSignsWhileAnotherTakesItsPlace() {
        JWK one = SampleKeys.secret("one");
        JWK other = SampleKeys.secret("other");
        List<JwsKeys> sets = List.of(SampleKeys.keys(one, other), SampleKeys.keys(other, one));
        AtomicInteger asked = new AtomicInteger();
        AccessTokenCodec codec = new AccessTokenCodec(
                "app", () -> sets.get(asked.getAndIncrement() % 2), Duration.ZERO, InstantSource.fixed(NOW));
        Verified verified = (Verified) codec.verify(RawJws.sign(one, "{\"alg\":\"HS256\",\"kid\":\"one\"}", CLAIMS));

        for (int i = 0; i < 4; i++) {
            String minted = codec.mint(verified.template(), ID, NOW, Duration.ofMinutes(30));

            JWK named = RawJws.header(minted).contains("\"kid\":\"one\"") ? one : other;
            assertThat(RawJws.verifies(named, minted)).isTrue();
        }
    }
}
