package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import io.portcullis.SecurityLine;
import io.portcullis.token.JwkSetFile.Content;
import io.portcullis.token.JwkSetFile.Unusable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that stop the start: what is said of them, and that no key is. */
class JwkSetFileProblemsTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("keys.json");
    }

    private List<String> problems(JWK... jwks) throws IOException {
        return problems(Files.readString(SampleKeys.write(file, jwks)));
    }

    private List<String> problems(String text) throws IOException {
        List<String> problems = problems(JwkSetFile.read(Files.writeString(file, text)));
        assertThat(KeyMaterial.of(text)).noneMatch(secret -> problems.toString().contains(secret));
        return problems;
    }

    private static List<String> problems(Content content) {
        assertThat(content).isInstanceOf(Unusable.class);
        return ((Unusable) content).problems();
    }

    @ParameterizedTest
    @ValueSource(ints = {112, 128, 192, 248})
    @SecurityLine(20)
    void shortSecretIsRefused(int bits) throws Exception {
        JWK jwk = new OctetSequenceKey.Builder(new byte[bits / 8]).build();

        assertThat(problems(jwk))
                .containsExactly(
                        "key 1 of " + file + " cannot be used: an HMAC key has at least 256 bits, this one " + bits);
    }

    @ParameterizedTest
    @CsvSource({"256,HS384", "256,HS512", "384,HS512", "512,RS256", "512,none", "512,A256KW"})
    void secretThatDoesNotSuitItsAlgorithmIsRefused(int bits, String algorithm) throws Exception {
        JWK jwk = new OctetSequenceKeyGenerator(bits)
                .algorithm(JWSAlgorithm.parse(algorithm))
                .generate();

        assertThat(problems(jwk)).singleElement().asString().startsWith("key 1 of " + file + " cannot be used: ");
    }

    @Test
    void smallRsaKeyIsRefused() throws Exception {
        boolean allowWeak = true;
        JWK jwk = new RSAKeyGenerator(1024, allowWeak).generate();

        assertThat(problems(jwk))
                .containsExactly(
                        "key 1 of " + file + " cannot be used: an RSA key has at least 2048 bits, this one 1024");
    }

    @ParameterizedTest
    @CsvSource({"RS256,ES256", "RS256,HS256", "RS256,RSA-OAEP-256", "ES256,ES384", "ES256,ES256K", "EdDSA,ES256"})
    void keyOfAnotherKindThanItsAlgorithmIsRefused(String kind, String algorithm) throws Exception {
        String text = "{\"keys\":[" + SampleKeys.of(kind, "k").toJSONString() + "]}";

        assertThat(problems(text.replace("\"alg\":\"" + kind, "\"alg\":\"" + algorithm)))
                .containsExactly("key 1 of " + file + " cannot be used: it does not suit its alg, " + algorithm);
    }

    @Test
    void curveThatIsNotForSignaturesIsRefused() throws Exception {
        assertThat(problems(new OctetKeyPairGenerator(Curve.X25519).generate()))
                .containsExactly("key 1 of " + file + " cannot be used: its type is not supported");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OCT", "AKP", ""})
    void typeThatIsNotKnownIsRefusedWhereverItStands(String type) throws Exception {
        String good = SampleKeys.secret("a").toJSONString();
        String unknown = "{\"kty\":\"" + type + "\",\"k\":\"c2VjcmV0IHNlY3JldCBzZWNyZXQ\"}";

        assertThat(problems("{\"keys\":[" + unknown + "," + good + "]}"))
                .containsExactly("has a key with a kty that is not supported: " + file);
        assertThat(problems("{\"keys\":[" + good + "," + unknown + "]}"))
                .containsExactly("has a key with a kty that is not supported: " + file);
    }

    @Test
    void encryptionKeyIsRefused() throws Exception {
        JWK jwk = new OctetSequenceKeyGenerator(256).keyUse(KeyUse.ENCRYPTION).generate();

        assertThat(problems(jwk)).containsExactly("key 1 of " + file + " is for encryption, not for signatures");
    }

    @Test
    void twoKeysOfOneKidAreRefused() throws Exception {
        assertThat(problems(SampleKeys.secret("a"), SampleKeys.secret("b"), SampleKeys.of("ES256", "a")))
                .containsExactly("key 3 of " + file + " has the kid of an earlier one, or is the same key");
    }

    @Test
    void oneKeyTwiceIsRefused() throws Exception {
        JWK jwk = SampleKeys.nameless();

        assertThat(problems(jwk, jwk))
                .containsExactly("key 2 of " + file + " has the kid of an earlier one, or is the same key");
    }

    @Test
    void publicKeyDoesNotSign() throws Exception {
        assertThat(problems(SampleKeys.of("RS256", "k").toPublicJWK(), SampleKeys.secret("a")))
                .containsExactly("key 1 of " + file + " cannot sign: it has no private part");
    }

    @Test
    void privatePartOfAnotherKeyIsRefused() throws Exception {
        String sentence = "key 1 of " + file + " cannot be used: its private part does not belong to its public part";
        ECKey ec = (ECKey) SampleKeys.of("ES256", "k");
        ECKey otherEc = (ECKey) SampleKeys.of("ES256", "l");
        OctetKeyPair okp = (OctetKeyPair) SampleKeys.of("EdDSA", "k");
        OctetKeyPair otherOkp = (OctetKeyPair) SampleKeys.of("EdDSA", "l");
        RSAKey rsa = (RSAKey) SampleKeys.of("RS256", "k");
        RSAKey otherRsa = (RSAKey) SampleKeys.of("RS256", "l");

        assertThat(problems(
                        new ECKey.Builder(ec.toPublicJWK()).d(otherEc.getD()).build()))
                .containsExactly(sentence);
        assertThat(problems(new OctetKeyPair.Builder(okp.toPublicJWK())
                        .d(otherOkp.getD())
                        .build()))
                .containsExactly(sentence);
        assertThat(problems(new RSAKey.Builder(rsa.toPublicJWK())
                        .privateExponent(otherRsa.getPrivateExponent())
                        .build()))
                .containsExactly(sentence);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() throws Exception {
        JWK shortOne = new OctetSequenceKey.Builder(new byte[16]).build();
        JWK forEncryption = new OctetSequenceKeyGenerator(256)
                .keyUse(KeyUse.ENCRYPTION)
                .keyID("a")
                .generate();

        assertThat(problems(shortOne, SampleKeys.secret("a"), forEncryption))
                .hasSize(3)
                .allMatch(problem -> problem.contains(file.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "keys",
                "{",
                "{}",
                "{\"keys\":null}",
                "{\"keys\":{}}",
                "{\"keys\":[1]}",
                "{\"keys\":[null]}",
                "{\"keys\":[{}]}",
                "{\"keys\":[{\"kty\":\"oct\"}]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":17}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\",\"d\":\"c2VjcmV0c2VjcmV0\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AAAA\",\"d\":\"c2VjcmV0c2VjcmV0\"}]}",
                "{\"kty\":\"oct\",\"k\":\"c2VjcmV0c2VjcmV0\"}",
                "c2VjcmV0c2VjcmV0"
            })
    void textThatIsNoJwkSetIsSaidToBeNone(String text) throws IOException {
        assertThat(problems(text)).containsExactly("is not a JWK Set: " + file);
    }

    @Test
    void brokenSecretsAreNotQuoted() throws IOException {
        Base64URL modulus = ((RSAKey) SampleKeys.of("RS256", "k")).getModulus();
        assertThat(problems("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" + modulus
                        + "\",\"d\":\"c2VjcmV0c2VjcmV0\"}]}"))
                .singleElement()
                .asString()
                .startsWith("key 1 of " + file + " cannot be used: ");
        assertThat(problems("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0 c2VjcmV0!\"}]}"))
                .hasSize(1);
    }

    @Test
    void emptySetIsRefused() throws IOException {
        assertThat(problems("{\"keys\":[]}")).containsExactly("has no keys: " + file);
    }

    @Test
    void fileThatCannotBeReadIsNamed() throws IOException {
        assertThat(problems(JwkSetFile.read(file)))
                .containsExactly("cannot be read: " + file + " (NoSuchFileException)");
        assertThat(problems(JwkSetFile.read(directory)))
                .singleElement()
                .asString()
                .startsWith("cannot be read: " + directory);
        assertThat(problems(JwkSetFile.read(Path.of("no-such.json"))))
                .containsExactly("cannot be read: no-such.json (NoSuchFileException)");
        assertThat(problems(JwkSetFile.read(Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe}))))
                .singleElement()
                .asString()
                .startsWith("cannot be read: " + file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a-secret-that-the-backends-share",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0c2VjcmV0\"}]}",
                "eyJrZXlzIjpbXX0=",
                "c2VjcmV0/c2VjcmV0"
            })
    void keyInThePlaceOfThePathIsNotQuoted(String value) {
        assertThat(problems(JwkSetFile.read(Path.of(value))))
                .containsExactly("is not the path of a file that can be read; its value is not shown, it may be a key");
    }
}
