package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedMacTest {

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void signsAsTheLibraryDoes(String algorithm) throws JOSEException {
        JWSHeader header = new JWSHeader(JWSAlgorithm.parse(algorithm));
        Random random = new Random(7);
        for (int bytes = 64; bytes < 300; bytes += 17) {
            byte[] secret = new byte[bytes];
            byte[] input = new byte[bytes * 3];
            random.nextBytes(secret);
            random.nextBytes(input);
            OctetSequenceKey key = new OctetSequenceKey.Builder(secret).build();
            PreparedMac mac = new PreparedMac(key, header.getAlgorithm());

            Base64URL signature = mac.sign(header, input);

            assertThat(signature).isEqualTo(new MACSigner(key).sign(header, input));
            assertThat(mac.sign(header, input)).isEqualTo(signature);
            assertThat(mac.verify(header, input, signature)).isTrue();
            assertThat(mac.verify(header, secret, signature)).isFalse();
            assertThat(mac.verify(header, input, Base64URL.encode(new byte[0]))).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "!", "=", "a.b", "\u00e9", "\ud83d\ude00"})
    void whatIsNoSignatureIsNone(String text) {
        JWSHeader header = new JWSHeader(JWSAlgorithm.HS256);
        PreparedMac mac = new PreparedMac(SampleKeys.secret("k"), JWSAlgorithm.HS256);
        byte[] input = {1, 2, 3};
        String right = mac.sign(header, input).toString();

        assertThat(mac.verify(header, input, new Base64URL(text))).isFalse();
        assertThat(mac.verify(header, input, new Base64URL(right + text)))
                .isEqualTo(text.isEmpty() || text.equals("="));
    }

    @Test
    void manySignAtOnce() {
        OctetSequenceKey key = SampleKeys.secret("k");
        JWSHeader header = new JWSHeader(JWSAlgorithm.HS256);
        PreparedMac mac = new PreparedMac(key, JWSAlgorithm.HS256);
        byte[][] inputs =
                IntStream.range(0, 16).mapToObj(i -> new byte[i * 100]).toArray(byte[][]::new);
        Base64URL[] expected = new Base64URL[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            expected[i] = new PreparedMac(key, JWSAlgorithm.HS256).sign(header, inputs[i]);
        }

        assertThat(IntStream.range(0, 20_000)
                        .parallel()
                        .allMatch(i -> mac.sign(header, inputs[i % 16]).equals(expected[i % 16])))
                .isTrue();
    }

    @Test
    void keySuitsItsAlgorithm() {
        OctetSequenceKey key = SampleKeys.secret("k");

        for (JWSAlgorithm other : new JWSAlgorithm[] {JWSAlgorithm.HS384, JWSAlgorithm.HS512, JWSAlgorithm.RS256}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new PreparedMac(key, other))
                    .withMessage("it does not suit its alg, " + other);
        }
    }
}
