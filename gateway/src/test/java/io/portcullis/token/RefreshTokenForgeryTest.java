package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.portcullis.SecurityLine;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks of RFC 8725 on the gateway's own refresh tokens. */
class RefreshTokenForgeryTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final OctetSequenceKey KEY = SampleKeys.secret("app-1");
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"app-1\"}";

    private final RefreshTokenCodec codec = codec(KEY);
    private final String genuine = codec.mint(token());
    private final String payload = RawJws.payload(genuine);

    private static RefreshTokenCodec codec(JWK... keys) {
        return new RefreshTokenCodec(
                "portcullis",
                SampleKeys.current(Map.of("app", SampleKeys.keys(keys))),
                Duration.ZERO,
                InstantSource.fixed(NOW));
    }

    private static RefreshToken token() {
        return new RefreshToken(
                new SessionRef("app", "u1", new SessionId("AAAAAAAAAAAAAAAAAAAAAAu4")),
                3,
                NOW,
                NOW.plusSeconds(3600),
                NOW,
                new AccessTemplate("{\"alg\":\"HS256\"}", "{\"sub\":\"u1\"}"));
    }

    @Test
    void tokenSignedAsOursIsGenuine() {
        assertThat(RawJws.sign(KEY, HEADER, payload)).isEqualTo(genuine);
        assertThat(codec.verify(genuine)).isEqualTo(new Verified(token()));
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void everyFlippedBitIsRefused(String algorithm) {
        RefreshTokenCodec one = codec(SampleKeys.of(algorithm, "k"));
        String[] segments = one.mint(token()).split("\\.");
        // every bit where one takes microseconds, a sample where it takes milliseconds
        int step = algorithm.startsWith("HS") ? 1 : algorithm.startsWith("ES") ? 53 : 13;

        for (int s = 0; s < 3; s++) {
            byte[] bytes = Base64.getUrlDecoder().decode(segments[s]);
            for (int bit = 0; bit < bytes.length * 8; bit += step) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                String[] forged = segments.clone();
                forged[s] = RawJws.encode(flipped);
                assertThat(one.verify(String.join(".", forged)))
                        .as("segment %d, bit %d", s, bit)
                        .isInstanceOf(Rejected.class);
            }
        }
    }

    @Test
    @SecurityLine(23)
    void everyChangedCharacterIsRefused() {
        String others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\0é％";
        for (int i = 0; i < genuine.length(); i++) {
            for (char other : others.toCharArray()) {
                if (other != genuine.charAt(i)) {
                    String changed = genuine.substring(0, i) + other + genuine.substring(i + 1);
                    assertThat(codec.verify(changed)).as("'%s' at %d", other, i).isInstanceOf(Rejected.class);
                }
            }
        }
    }

    @Test
    @SecurityLine(23)
    void everyCutOrLengthenedTokenIsRefused() {
        for (int i = 0; i < genuine.length(); i++) {
            String before = genuine.substring(0, i);
            assertThat(codec.verify(before)).as("first %d", i).isInstanceOf(Rejected.class);
            assertThat(codec.verify(before + genuine.substring(i + 1)))
                    .as("without %d", i)
                    .isInstanceOf(Rejected.class);
            for (String inserted : List.of("A", "=", ".", " ", "\r\n", "-", "%")) {
                assertThat(codec.verify(before + inserted + genuine.substring(i)))
                        .as("'%s' before %d", inserted, i)
                        .isInstanceOf(Rejected.class);
            }
        }
        for (String suffix : List.of("A", "=", "==", ".", ".A", " ", "\n", "\0")) {
            assertThat(codec.verify(genuine + suffix)).as("'%s' behind", suffix).isInstanceOf(Rejected.class);
        }
    }

    @Test
    void signatureInAnotherSpellingOfItsBase64IsRefused() {
        // 32 bytes are 43 characters, the last of which has two bits that decode to nothing
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(genuine.charAt(genuine.length() - 1));
        for (int bits = 1; bits < 4; bits++) {
            String respelled = genuine.substring(0, genuine.length() - 1) + alphabet.charAt(last ^ bits);
            String signature = respelled.substring(respelled.lastIndexOf('.') + 1);
            assertThat(Base64.getUrlDecoder().decode(signature))
                    .isEqualTo(Base64.getUrlDecoder().decode(genuine.substring(genuine.lastIndexOf('.') + 1)));

            assertThat(codec.verify(respelled)).isEqualTo(Rejected.MALFORMED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "...",
                "a.b",
                "a.b.c",
                "null",
                "{}",
                "\u0000",
                "e30.e30.",
                ".e30.e30",
                "e30..e30",
                "Bearer e30.e30.e30",
                "eyJhbGciOiJub25lIn0.e30."
            })
    void junkIsMalformed(String junk) {
        assertThat(codec.verify(junk)).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void randomTextIsRefusedWithoutAnError() {
        long seed = 20260301;
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            int length = random.nextInt(120);
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < length; j++) {
                text.appendCodePoint(random.nextInt(10) == 0 ? '.' : random.nextInt(0x250));
            }
            assertThat(codec.verify(text.toString())).as("seed %d, %d", seed, i).isInstanceOf(Rejected.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE", ""})
    void algorithmNoneIsRefused(String none) {
        String header = HEADER.replace("HS256", none);
        String input = RawJws.encode(header) + '.' + RawJws.encode(payload);
        String signature = genuine.substring(genuine.lastIndexOf('.') + 1);

        assertThat(codec.verify(input + '.')).isEqualTo(Rejected.MALFORMED);
        assertThat(codec.verify(input)).isEqualTo(Rejected.MALFORMED);
        assertThat(codec.verify(input + '.' + signature)).isEqualTo(Rejected.MALFORMED);
        assertThat(codec.verify(RawJws.sign(KEY, header, payload))).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    @SecurityLine(16)
    void publicKeyIsNoHmacSecret() throws Exception {
        RSAKey rsa = (RSAKey) SampleKeys.of("RS256", "k");
        RefreshTokenCodec asymmetric = codec(rsa);
        byte[] der = rsa.toRSAPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        List<byte[]> secrets = List.of(
                der,
                pem.getBytes(StandardCharsets.US_ASCII),
                rsa.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
                rsa.getModulus().decode());

        for (byte[] secret : secrets) {
            for (String alg : List.of("HS256", "RS256")) {
                String header = "{\"alg\":\"" + alg + "\",\"typ\":\"rt+jwt\",\"kid\":\"k\"}";
                assertThat(asymmetric.verify(RawJws.hmac(secret, JWSAlgorithm.HS256, header, payload)))
                        .isInstanceOf(Rejected.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256"})
    void keyIsForOneAlgorithm(String other) {
        OctetSequenceKey strong = (OctetSequenceKey) SampleKeys.of("HS512", "strong");
        OctetSequenceKey pinned = new OctetSequenceKey.Builder(strong)
                .algorithm(JWSAlgorithm.HS256)
                .keyID("app-1")
                .build();
        RefreshTokenCodec one = codec(pinned);
        String header = HEADER.replace("HS256", other);
        JWSAlgorithm hmac = other.startsWith("HS") ? JWSAlgorithm.parse(other) : JWSAlgorithm.HS256;

        assertThat(one.verify(RawJws.hmac(pinned.toByteArray(), hmac, header, payload)))
                .isEqualTo(Rejected.MALFORMED);
        assertThat(one.verify(RawJws.hmac(pinned.toByteArray(), JWSAlgorithm.HS512, HEADER, payload)))
                .isEqualTo(Rejected.FORGED);
    }

    @Test
    void anotherKeyOfThatKidIsForged() {
        OctetSequenceKey other = new OctetSequenceKey.Builder(SampleKeys.nameless())
                .keyID("app-1")
                .algorithm(JWSAlgorithm.HS256)
                .build();

        assertThat(codec.verify(RawJws.sign(other, HEADER, payload))).isEqualTo(Rejected.FORGED);
    }
}
