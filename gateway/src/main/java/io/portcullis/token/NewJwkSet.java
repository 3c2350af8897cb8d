package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.JWKGenerator;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.List;

/** A JWK Set (RFC 7517, 5) of one new key, with its private half. Its {@code kid} is its thumbprint (RFC 7638). */
public final class NewJwkSet {
    /** Those that a key can be made for (RFC 7518, 3.1; RFC 8037, 3.1). */
    public static final List<String> ALGORITHMS = List.of(
            "HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384",
            "PS512");

    private static final int RSA_BITS = 3072;

    private NewJwkSet() {}

    /**
     * The file's text.
     *
     * @param algorithm one of {@link #ALGORITHMS}
     */
    public static String of(String algorithm) {
        try {
            JWK key = generator(algorithm)
                    .algorithm(JWSAlgorithm.parse(algorithm))
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true)
                    .generate();
            boolean publicKeysOnly = false;
            return new JWKSet(key).toString(publicKeysOnly);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWKGenerator<? extends JWK> generator(String algorithm) {
        return switch (algorithm) {
            case "HS256" -> new OctetSequenceKeyGenerator(256);
            case "HS384" -> new OctetSequenceKeyGenerator(384);
            case "HS512" -> new OctetSequenceKeyGenerator(512);
            case "ES256" -> new ECKeyGenerator(Curve.P_256);
            case "ES384" -> new ECKeyGenerator(Curve.P_384);
            case "ES512" -> new ECKeyGenerator(Curve.P_521);
            case "EdDSA" -> new OctetKeyPairGenerator(Curve.Ed25519);
            case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" -> new RSAKeyGenerator(RSA_BITS);
            default -> throw new IllegalArgumentException("no key is made for '" + algorithm + "'");
        };
    }
}
