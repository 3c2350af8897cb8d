package io.portcullis.token;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes a {@link JwsKey} of one JWK (RFC 7517, 4), unless it is weak, a sample, or does not suit its algorithm. */
final class JwkReader {
    /** 256 random bits have some 30; a secret that is written in hexadecimal or decimal digits has 10 and more. */
    private static final int DIFFERENT_BYTES_MIN = 8;

    private JwkReader() {}

    /**
     * The key with its algorithm.
     *
     * @throws JOSEException if the library cannot use it
     * @throws IllegalArgumentException if it must not be used; says why, without a part of the key
     */
    static JwsKey of(JWK jwk) throws JOSEException {
        return jwk instanceof OctetSequenceKey key ? shared(key) : of(jwk, Signatures.ofThisPlatform());
    }

    private static JwsKey shared(OctetSequenceKey key) throws JOSEException {
        JWSAlgorithm algorithm = algorithm(key, JWSAlgorithm.HS256);
        require(key.size() >= 256, "an HMAC key has at least 256 bits, this one " + key.size());
        require(
                differentBytes(key.toByteArray()) >= DIFFERENT_BYTES_MIN,
                "an HMAC key is random, this one repeats a few bytes");
        PreparedMac mac = new PreparedMac(key, algorithm);
        return key(key, algorithm, mac, mac, key.getKeyValue(), null);
    }

    /** The same for a key with a public half. */
    static JwsKey of(JWK jwk, Signatures signatures) throws JOSEException {
        if (jwk instanceof RSAKey key) {
            JWSAlgorithm algorithm = algorithm(key, JWSAlgorithm.RS256);
            require(key.size() >= 2048, "an RSA key has at least 2048 bits, this one " + key.size());
            return key(
                    key,
                    algorithm,
                    signatures.signer(key),
                    signatures.verifier(key),
                    key.getPrivateExponent(),
                    new RSAKey.Builder(key.getModulus(), key.getPublicExponent()).build());
        }
        if (jwk instanceof ECKey key) {
            return key(
                    key,
                    algorithm(key, ofCurve(key.getCurve())),
                    signatures.signer(key),
                    signatures.verifier(key),
                    key.getD(),
                    new ECKey.Builder(key.getCurve(), key.getX(), key.getY()).build());
        }
        if (jwk instanceof OctetKeyPair key && Curve.Ed25519.equals(key.getCurve())) {
            return key(
                    key,
                    algorithm(key, JWSAlgorithm.EdDSA),
                    signatures.signer(key),
                    signatures.verifier(key),
                    key.getD(),
                    new OctetKeyPair.Builder(key.getCurve(), key.getX()).build());
        }
        throw new IllegalArgumentException("its type is not supported");
    }

    private static JwsKey key(
            JWK jwk,
            JWSAlgorithm algorithm,
            @Nullable JWSSigner signer,
            JWSVerifier verifier,
            @Nullable Base64URL secret,
            @Nullable JWK publicKey)
            throws JOSEException {
        boolean suits = verifier.supportedJWSAlgorithms().contains(algorithm)
                && (signer == null || signer.supportedJWSAlgorithms().contains(algorithm));
        require(suits, "it does not suit its alg, " + algorithm);
        String thumbprint = jwk.computeThumbprint().toString();
        require(!PublishedKeys.has(thumbprint), "it is a sample that is published: anybody has it");
        JwsKey key = new JwsKey(
                jwk.getKeyID(),
                thumbprint,
                algorithm,
                signer,
                verifier,
                signer == null || secret == null ? null : secret.decode(),
                publicKey == null ? null : publicKey.toJSONObject());
        require(signer == null || verifiesItsOwn(key), "its private part does not belong to its public part");
        return key;
    }

    private static long differentBytes(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1).chars().distinct().count();
    }

    private static boolean verifiesItsOwn(JwsKey key) {
        CompactJws jws = CompactJws.split(key.sign("e30", "e30"));
        return jws != null && key.verifies(jws);
    }

    private static JWSAlgorithm algorithm(JWK jwk, JWSAlgorithm otherwise) {
        Algorithm named = jwk.getAlgorithm();
        return named == null ? otherwise : JWSAlgorithm.parse(named.getName());
    }

    private static JWSAlgorithm ofCurve(Curve curve) {
        if (Curve.P_384.equals(curve)) {
            return JWSAlgorithm.ES384;
        }
        return Curve.P_521.equals(curve) ? JWSAlgorithm.ES512 : JWSAlgorithm.ES256;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
