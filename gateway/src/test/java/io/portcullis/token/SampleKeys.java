package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.portcullis.token.JwkSetFile.Keys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Generated keys, and the files that hold them. */
final class SampleKeys {
    private static final Map<String, JWK> GENERATED = new ConcurrentHashMap<>();

    private SampleKeys() {}

    /** The names of all algorithms that are supported. */
    static Stream<String> algorithms() {
        return Stream.of(
                "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                "ES512", "EdDSA");
    }

    /** A key for the algorithm, with that {@code kid}: always the same in one run. */
    static JWK of(String algorithm, String keyId) {
        return GENERATED.computeIfAbsent(algorithm + ' ' + keyId, unused -> generate(algorithm, keyId));
    }

    static OctetSequenceKey secret(String keyId) {
        return (OctetSequenceKey) of("HS256", keyId);
    }

    /** A new HS256 key without a {@code kid}, as the backends have it. */
    static OctetSequenceKey nameless() {
        return (OctetSequenceKey) generate("HS256", null);
    }

    private static JWK generate(String algorithm, String keyId) {
        JWSAlgorithm alg = JWSAlgorithm.parse(algorithm);
        try {
            if (JWSAlgorithm.Family.HMAC_SHA.contains(alg)) {
                int bits = Integer.parseInt(algorithm.substring(2));
                return new OctetSequenceKeyGenerator(bits)
                        .algorithm(alg)
                        .keyID(keyId)
                        .generate();
            }
            if (JWSAlgorithm.Family.RSA.contains(alg)) {
                return new RSAKeyGenerator(2048).algorithm(alg).keyID(keyId).generate();
            }
            if (JWSAlgorithm.Family.EC.contains(alg)) {
                Curve curve = Curve.forJWSAlgorithm(alg).iterator().next();
                return new ECKeyGenerator(curve).algorithm(alg).keyID(keyId).generate();
            }
            return new OctetKeyPairGenerator(Curve.Ed25519)
                    .algorithm(alg)
                    .keyID(keyId)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The keys as the gateway reads them from a file. */
    static JwsKeys keys(JWK... jwks) {
        try {
            Path file = Files.createTempFile("portcullis-keys-", ".json");
            try {
                write(file, jwks);
                if (JwkSetFile.read(file) instanceof Keys keys) {
                    return keys.keys();
                }
                throw new IllegalStateException(JwkSetFile.read(file).toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same where a codec asks for those of the moment. */
    static Supplier<JwsKeys> current(JWK... jwks) {
        JwsKeys keys = keys(jwks);
        return () -> keys;
    }

    /** Refresh-token keys by realm, where a codec asks for those of the moment. */
    static Supplier<RefreshTokenKeys> current(Map<String, JwsKeys> byRealm) {
        RefreshTokenKeys keys = new RefreshTokenKeys(byRealm);
        return () -> keys;
    }

    /** Writes a JWK Set with the private parts. */
    static Path write(Path file, JWK... jwks) throws IOException {
        boolean publicKeysOnly = false;
        List<JWK> keys = Arrays.asList(jwks);
        return Files.writeString(file, new JWKSet(keys).toString(publicKeysOnly));
    }
}
