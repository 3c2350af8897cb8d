package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.portcullis.token.JwkSetFile.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JwkSetFileTest {
    @TempDir
    private Path directory;

    private JwsKeys read(JWK... jwks) throws IOException {
        Path file = SampleKeys.write(directory.resolve("keys.json"), jwks);
        assertThat(JwkSetFile.read(file)).isInstanceOf(Keys.class);
        return ((Keys) JwkSetFile.read(file)).keys();
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void keyIsForTheAlgorithmItNames(String algorithm) throws Exception {
        JWK jwk = SampleKeys.of(algorithm, "k");

        JwsKey key = read(jwk).signing();

        assertThat(key.algorithm()).isEqualTo(algorithm);
        assertThat(key.keyId()).isEqualTo("k");
        assertThat(key.thumbprint()).isEqualTo(jwk.computeThumbprint().toString());
        assertThat(RawJws.verifies(jwk, key.sign(RawJws.encode("{\"alg\":\"" + algorithm + "\"}"), "e30")))
                .isTrue();
    }

    @Test
    void keyWithoutAlgorithmIsForTheCommonOneOfItsKind() throws Exception {
        assertThat(read(new OctetSequenceKeyGenerator(512).generate()).signing().algorithm())
                .isEqualTo("HS256");
        assertThat(read(new RSAKeyGenerator(2048).generate()).signing().algorithm())
                .isEqualTo("RS256");
        assertThat(read(new ECKeyGenerator(Curve.P_256).generate()).signing().algorithm())
                .isEqualTo("ES256");
        assertThat(read(new ECKeyGenerator(Curve.P_384).generate()).signing().algorithm())
                .isEqualTo("ES384");
        assertThat(read(new ECKeyGenerator(Curve.P_521).generate()).signing().algorithm())
                .isEqualTo("ES512");
        assertThat(read(new OctetKeyPairGenerator(Curve.Ed25519).generate())
                        .signing()
                        .algorithm())
                .isEqualTo("EdDSA");
    }

    @ParameterizedTest
    @CsvSource({"256,HS256", "384,HS384", "512,HS512", "512,HS256"})
    void secretOfItsHashesLengthIsLongEnough(int bits, String algorithm) throws Exception {
        JWK jwk = new OctetSequenceKeyGenerator(bits)
                .algorithm(JWSAlgorithm.parse(algorithm))
                .generate();

        assertThat(read(jwk).signing().algorithm()).isEqualTo(algorithm);
    }

    @Test
    void firstKeySignsAndAllVerify() throws Exception {
        JWK first = SampleKeys.of("ES256", "first");
        JWK second = SampleKeys.secret("second");
        JWK third = SampleKeys.of("RS256", "third").toPublicJWK();

        JwsKeys keys = read(first, second, third);

        assertThat(keys.signing().keyId()).isEqualTo("first");
        assertThat(keys.all().stream().map(JwsKey::keyId)).containsExactly("first", "second", "third");
        assertThat(keys.all().stream().map(JwsKey::canSign)).containsExactly(true, true, false);
    }

    @Test
    void keysGoByTheirKidElseTheirThumbprint() throws Exception {
        JWK named = SampleKeys.secret("a");
        JWK nameless = SampleKeys.nameless();
        String thumbprint = nameless.computeThumbprint().toString();

        JwsKeys keys = read(named, nameless);

        assertThat(keys.keyIds())
                .isEqualTo(Map.of("a", named.computeThumbprint().toString(), thumbprint, thumbprint));
        assertThat(keys.thumbprints())
                .containsExactlyInAnyOrder(named.computeThumbprint().toString(), thumbprint);
    }

    @Test
    void membersThatAreNotKnownAreIgnored() throws IOException {
        Path file = Files.writeString(directory.resolve("keys.json"), """
                {"comment": "hello", "keys": [
                  {"kty":"oct", "made":"2026", "k":"%s"}
                ]}
                """.formatted(
                        SampleKeys.secret("a").getKeyValue()));

        assertThat(JwkSetFile.read(file)).isInstanceOf(Keys.class);
    }

    @Test
    void nothingThatIsPrintedIsAKey() throws Exception {
        for (JWK jwk : List.of(SampleKeys.secret("a"), SampleKeys.of("ES256", "a"), SampleKeys.of("RS256", "a"))) {
            JwsKeys keys = read(jwk);

            String printed = keys + keys.signing().toString() + new Keys(keys);

            assertThat(KeyMaterial.of(jwk.toJSONString())).isNotEmpty().noneMatch(printed::contains);
        }
    }
}
