package io.portcullis.token;

import com.google.crypto.tink.subtle.Hkdf;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One key with the one algorithm it is for (RFC 8725, 3.1): the algorithm that a token names is compared with it, never
 * used.
 */
final class JwsKey {
    private static final int DERIVED_BYTES = 32;
    private static final byte[] NO_SALT = {};

    private final @Nullable String keyId;
    private final String thumbprint;
    private final JWSHeader pinned;
    private final @Nullable JWSSigner signer;
    private final JWSVerifier verifier;
    private final byte @Nullable [] secret;
    private final @Nullable Map<String, Object> publicJwk;

    /**
     * Takes a key that was checked to suit the algorithm.
     *
     * @param keyId {@code kid}, where the JWK has one
     * @param thumbprint RFC 7638, SHA-256: the same for the same key
     * @param signer null where only the public half is here
     * @param secret the private half; null with the signer
     * @param publicKey the members of the public half alone; null for a key that both sides share
     */
    JwsKey(
            @Nullable String keyId,
            String thumbprint,
            JWSAlgorithm algorithm,
            @Nullable JWSSigner signer,
            JWSVerifier verifier,
            byte @Nullable [] secret,
            @Nullable Map<String, Object> publicKey) {
        this.keyId = keyId;
        this.thumbprint = thumbprint;
        this.pinned = new JWSHeader(algorithm);
        this.signer = signer;
        this.verifier = verifier;
        this.secret = secret == null ? null : secret.clone();
        this.publicJwk = publicKey == null ? null : published(publicKey);
    }

    private Map<String, Object> published(Map<String, Object> publicKey) {
        Map<String, Object> jwk = new LinkedHashMap<>(publicKey);
        jwk.put("kid", keyIdOrThumbprint());
        jwk.put("alg", algorithm());
        jwk.put("use", "sig");
        return Collections.unmodifiableMap(jwk);
    }

    /** What others verify with, as a JWK (RFC 7517, 4); null for a key that both sides share. */
    @Nullable
    Map<String, Object> publicJwk() {
        return publicJwk;
    }

    @Nullable
    String keyId() {
        return keyId;
    }

    /** {@code kid}, else the thumbprint. */
    String keyIdOrThumbprint() {
        return keyId == null ? thumbprint : keyId;
    }

    String thumbprint() {
        return thumbprint;
    }

    String algorithm() {
        return pinned.getAlgorithm().getName();
    }

    boolean canSign() {
        return signer != null;
    }

    /**
     * The compact serialization.
     *
     * @throws IllegalStateException if this key cannot sign: that is checked at start
     */
    String sign(String headerSegment, String payloadSegment) {
        if (signer == null) {
            throw new IllegalStateException("a public key does not sign");
        }
        String signingInput = headerSegment + '.' + payloadSegment;
        try {
            return signingInput + '.' + signer.sign(pinned, signingInput.getBytes(StandardCharsets.US_ASCII));
        } catch (JOSEException e) {
            throw new IllegalStateException("a key that was checked at start cannot sign", e);
        }
    }

    boolean verifies(CompactJws jws) {
        try {
            return verifier.verify(pinned, jws.signingInput(), new Base64URL(jws.signature()));
        } catch (JOSEException e) {
            return false;
        }
    }

    /**
     * A key of 256 bits for another purpose, always the same one (HKDF, RFC 5869).
     *
     * @throws IllegalStateException if this key cannot sign
     */
    byte[] derived(String purpose) {
        if (secret == null) {
            throw new IllegalStateException("nothing is derived from a public key");
        }
        try {
            return Hkdf.computeHkdf(
                    "HMACSHA256", secret, NO_SALT, purpose.getBytes(StandardCharsets.UTF_8), DERIVED_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JRE has HMAC with SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return algorithm() + " key " + keyIdOrThumbprint();
    }
}
