package io.portcullis.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.BigIntegerUtils;
import java.math.BigInteger;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is native and what is Java make the same signatures and refuse the same ones. */
class SignaturesTest {
    private static final byte[] INPUT = "e30.e30".getBytes(US_ASCII);
    private static final Provider NATIVE = NativeProvider.load();
    private static final Signatures IN_JAVA = new Signatures(null);

    /** RFC 8032, 5.1. */
    private static final BigInteger ORDER_OF_ED25519 =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private static Stream<Signatures> both() {
        return Stream.of(IN_JAVA, nativeOnes());
    }

    private static Signatures nativeOnes() {
        assumeTrue(NATIVE != null, "there is no native provider for this platform");
        return new Signatures(NATIVE);
    }

    private static Stream<Arguments> algorithmsAndBoth() {
        return SampleKeys.algorithms()
                .filter(algorithm -> !algorithm.startsWith("HS"))
                .flatMap(algorithm -> both().map(signatures -> Arguments.of(algorithm, signatures)));
    }

    private static JWSSigner signer(JWK key, Signatures signatures) throws JOSEException {
        if (key instanceof RSAKey rsa) {
            return signatures.signer(rsa);
        }
        return key instanceof ECKey ec ? signatures.signer(ec) : signatures.signer(key.toOctetKeyPair());
    }

    private static JWSVerifier verifier(JWK key, Signatures signatures) throws JOSEException {
        if (key instanceof RSAKey rsa) {
            return signatures.verifier(rsa);
        }
        return key instanceof ECKey ec ? signatures.verifier(ec) : signatures.verifier(key.toOctetKeyPair());
    }

    private static boolean verifies(JWK key, Signatures signatures, byte[] input, byte[] signature)
            throws JOSEException {
        JWSHeader header = new JWSHeader(RawJws.algorithm(key));
        return verifier(key, signatures).verify(header, input, Base64URL.encode(signature));
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndBoth")
    void whatOneSignsBothVerifyAndNothingElse(String algorithm, Signatures signing) throws JOSEException {
        JWK key = SampleKeys.of(algorithm, "k");
        JWK other = SampleKeys.of(algorithm, "other");

        byte[] signature = signer(key, signing)
                .sign(new JWSHeader(RawJws.algorithm(key)), INPUT)
                .decode();

        for (Signatures verifying : both().toList()) {
            assertThat(verifies(key, verifying, INPUT, signature)).isTrue();
            assertThat(verifies(key.toPublicJWK(), verifying, INPUT, signature)).isTrue();
            assertThat(verifies(other, verifying, INPUT, signature)).isFalse();
            assertThat(verifies(key, verifying, "e30.e31".getBytes(US_ASCII), signature))
                    .isFalse();
            for (int bit = 0; bit < 8 * signature.length; bit += 37) {
                byte[] changed = signature.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(verifies(key, verifying, INPUT, changed)).isFalse();
            }
            for (int length : new int[] {0, 1, signature.length - 1, signature.length + 1, 2 * signature.length}) {
                assertThat(verifies(key, verifying, INPUT, Arrays.copyOf(signature, length)))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("algorithmsAndBoth")
    void keyIsReadWithEither(String algorithm, Signatures signatures) throws JOSEException {
        JWK pair = SampleKeys.of(algorithm, "k");

        JwsKey key = JwkReader.of(pair, signatures);
        JwsKey half = JwkReader.of(pair.toPublicJWK(), signatures);

        assertThat(key.canSign()).isTrue();
        assertThat(half.canSign()).isFalse();
        assertThat(half.verifies(CompactJws.split(key.sign("e30", "e30")))).isTrue();
        String header = CompactJws.encode("{\"alg\":\"" + algorithm + "\"}");
        assertThat(RawJws.verifies(pair, key.sign(header, "e30"))).isTrue();
    }

    /** RFC 8037, A.4. */
    @ParameterizedTest
    @MethodSource("both")
    void ed25519IsThatOfTheRfc(Signatures signatures) throws JOSEException {
        OctetKeyPair key = new OctetKeyPair.Builder(
                        Curve.Ed25519, new Base64URL("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
                .d(new Base64URL("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
                .build();
        byte[] input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".getBytes(US_ASCII);
        JWSHeader header = new JWSHeader(JWSAlgorithm.EdDSA);

        Base64URL signature = signatures.signer(key).sign(header, input);

        assertThat(signature)
                .hasToString("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
        assertThat(signatures.verifier(key).verify(header, input, signature)).isTrue();
    }

    /** CVE-2022-21449, and numbers that are the same ones modulo the order of the group. */
    @ParameterizedTest
    @MethodSource("both")
    void signatureOfEcOutOfRangeIsRefused(Signatures signatures) throws JOSEException {
        for (String algorithm : List.of("ES256", "ES384", "ES512")) {
            ECKey key = (ECKey) SampleKeys.of(algorithm, "k");
            BigInteger order = key.getCurve().toECParameterSpec().getOrder();
            int length = ECDSA.getSignatureByteArrayLength(RawJws.algorithm(key)) / 2;
            byte[] good = signatures
                    .signer(key)
                    .sign(new JWSHeader(RawJws.algorithm(key)), INPUT)
                    .decode();
            BigInteger r = new BigInteger(1, Arrays.copyOf(good, length));
            BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, length, 2 * length));

            assertThat(verifies(key, signatures, INPUT, numbers(r, s, length))).isTrue();
            for (BigInteger outside : List.of(BigInteger.ZERO, order)) {
                assertThat(verifies(key, signatures, INPUT, numbers(outside, outside, length)))
                        .isFalse();
                assertThat(verifies(key, signatures, INPUT, numbers(r, outside, length)))
                        .isFalse();
                assertThat(verifies(key, signatures, INPUT, numbers(outside, s, length)))
                        .isFalse();
            }
            for (BigInteger[] same : new BigInteger[][] {{r.add(order), s}, {r, s.add(order)}}) {
                if (same[0].max(same[1]).bitLength() <= 8 * length) {
                    assertThat(verifies(key, signatures, INPUT, numbers(same[0], same[1], length)))
                            .isFalse();
                }
            }
        }
    }

    private static byte[] numbers(BigInteger r, BigInteger s, int length) {
        byte[] both = new byte[2 * length];
        copy(r, both, length);
        copy(s, both, 2 * length);
        return both;
    }

    private static void copy(BigInteger number, byte[] to, int end) {
        byte[] bytes = BigIntegerUtils.toBytesUnsigned(number);
        System.arraycopy(bytes, 0, to, end - bytes.length, bytes.length);
    }

    @ParameterizedTest
    @MethodSource("both")
    void signatureOfEcInDerIsRefused(Signatures signatures) throws JOSEException {
        ECKey key = (ECKey) SampleKeys.of("ES256", "k");
        byte[] good = signatures
                .signer(key)
                .sign(new JWSHeader(JWSAlgorithm.ES256), INPUT)
                .decode();

        assertThat(verifies(key, signatures, INPUT, ECDSA.transcodeSignatureToDER(good)))
                .isFalse();
    }

    /** RFC 8032, 5.1.7: the second half is a number below the order, little end first. */
    @ParameterizedTest
    @MethodSource("both")
    void signatureOfEd25519OutOfRangeIsRefused(Signatures signatures) throws JOSEException {
        JWK key = SampleKeys.of("EdDSA", "k");
        byte[] good = signer(key, signatures)
                .sign(new JWSHeader(JWSAlgorithm.EdDSA), INPUT)
                .decode();
        byte[] s = reversed(Arrays.copyOfRange(good, 32, 64));
        byte[] same = reversed(BigIntegerUtils.toBytesUnsigned(new BigInteger(1, s).add(ORDER_OF_ED25519)));
        byte[] changed = good.clone();
        System.arraycopy(Arrays.copyOf(same, 32), 0, changed, 32, 32);

        assertThat(verifies(key, signatures, INPUT, good)).isTrue();
        assertThat(verifies(key, signatures, INPUT, changed)).isFalse();
        assertThat(verifies(key, signatures, INPUT, new byte[64])).isFalse();
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    @ParameterizedTest
    @MethodSource("both")
    void keyOfEd25519OfAnotherLengthIsRefused(Signatures signatures) {
        for (int length : new int[] {1, 31, 33, 64}) {
            OctetKeyPair longX = new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(new byte[length])).build();
            OctetKeyPair longD = new OctetKeyPair.Builder(
                            Curve.Ed25519, ((OctetKeyPair) SampleKeys.of("EdDSA", "k")).getX())
                    .d(Base64URL.encode(new byte[length]))
                    .build();

            assertThatThrownBy(() -> signatures.verifier(longX))
                    .isInstanceOfAny(JOSEException.class, IllegalArgumentException.class);
            assertThatThrownBy(() -> signatures.signer(longD))
                    .isInstanceOfAny(JOSEException.class, IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void privateHalfOfAnotherKeyIsRefused(Signatures signatures) {
        ECKey ec = (ECKey) SampleKeys.of("ES256", "k");
        OctetKeyPair ed = (OctetKeyPair) SampleKeys.of("EdDSA", "k");
        JWK mixedEc = new ECKey.Builder(ec)
                .d(((ECKey) SampleKeys.of("ES256", "other")).getD())
                .build();
        JWK mixedEd = new OctetKeyPair.Builder(ed)
                .d(((OctetKeyPair) SampleKeys.of("EdDSA", "other")).getD())
                .build();

        for (JWK mixed : List.of(mixedEc, mixedEd)) {
            assertThatThrownBy(() -> JwkReader.of(mixed, signatures))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not belong to its public part");
        }
    }

    @Test
    void nativeOnesAreAskedForEverySignature() throws JOSEException {
        for (String algorithm : List.of("RS256", "ES256")) {
            JWK key = SampleKeys.of(algorithm, "k");

            assertThat(signer(key, nativeOnes()).getJCAContext().getProvider()).isSameAs(NATIVE);
            assertThat(verifier(key, nativeOnes()).getJCAContext().getProvider())
                    .isSameAs(NATIVE);
            assertThat(signer(key, IN_JAVA).getJCAContext().getProvider()).isNull();
        }
        assertThat(signer(SampleKeys.of("EdDSA", "k"), nativeOnes())).isInstanceOf(JcaEd25519Signer.class);
        assertThat(verifier(SampleKeys.of("EdDSA", "k"), nativeOnes())).isInstanceOf(JcaEd25519Verifier.class);
    }

    /** The JDK's says of another length that it is no signature. */
    @Test
    void signatureThatIsNoneIsNoFailure() throws JOSEException {
        Signatures ofTheJdk = new Signatures(Security.getProvider("SunEC"));
        JWK key = SampleKeys.of("EdDSA", "k");

        assertThat(verifies(key, ofTheJdk, INPUT, new byte[63])).isFalse();
        assertThat(verifies(
                        key,
                        ofTheJdk,
                        INPUT,
                        signer(key, ofTheJdk)
                                .sign(new JWSHeader(JWSAlgorithm.EdDSA), INPUT)
                                .decode()))
                .isTrue();
    }

    @Test
    void providerIsNotInstalled() {
        nativeOnes();

        assertThat(Security.getProviders()).extracting(Provider::getName).doesNotContain(NATIVE.getName());
    }
}
