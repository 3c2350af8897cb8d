package io.portcullis;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.portcullis.token.NewJwkSet;
import java.text.ParseException;
import java.util.Arrays;
import java.util.List;

/** Keys of every kind as a backend, or whoever rolls them, has them: used by the library alone, without the gateway's code. */
public final class Jwks {
    private Jwks() {}

    /** A new key, as the command {@code keys} makes it. */
    public static JWK generate(String algorithm) {
        return parse(NewJwkSet.of(algorithm)).getKeys().get(0);
    }

    public static JWKSet parse(String json) {
        try {
            return JWKSet.parse(json);
        } catch (ParseException e) {
            throw new AssertionError("not a JWK Set", e);
        }
    }

    /** A key file's text, with the private parts. */
    public static String set(JWK... keys) {
        return set(Arrays.asList(keys));
    }

    public static String set(List<? extends JWK> keys) {
        boolean publicKeysOnly = false;
        return new JWKSet(List.copyOf(keys)).toString(publicKeysOnly);
    }

    /** Signs claims that are given as JSON text, as a backend with that key does. */
    public static String sign(JWK key, String claims) {
        try {
            JWSHeader header = new JWSHeader.Builder(
                            JWSAlgorithm.parse(key.getAlgorithm().getName()))
                    .keyID(key.getKeyID())
                    .build();
            JWSObject token = new JWSObject(header, new Payload(claims));
            token.sign(signer(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the key that a token names is one of these, and verifies it by its own algorithm. */
    public static boolean verify(List<? extends JWK> keys, String token) {
        try {
            JWSObject jws = JWSObject.parse(token);
            for (JWK key : keys) {
                if (key.getKeyID().equals(jws.getHeader().getKeyID())
                        && key.getAlgorithm().equals(jws.getHeader().getAlgorithm())) {
                    return jws.verify(verifier(key));
                }
            }
            return false;
        } catch (ParseException | JOSEException e) {
            throw new AssertionError("not a JWS", e);
        }
    }

    private static JWSSigner signer(JWK key) throws JOSEException {
        if (key instanceof OctetSequenceKey secret) {
            return new MACSigner(secret);
        }
        if (key instanceof RSAKey rsa) {
            return new RSASSASigner(rsa);
        }
        return key instanceof ECKey ec ? new ECDSASigner(ec) : new Ed25519Signer((OctetKeyPair) key);
    }

    private static JWSVerifier verifier(JWK key) throws JOSEException {
        if (key instanceof OctetSequenceKey secret) {
            return new MACVerifier(secret);
        }
        if (key instanceof RSAKey rsa) {
            return new RSASSAVerifier(rsa);
        }
        return key instanceof ECKey ec
                ? new ECDSAVerifier(ec)
                : new Ed25519Verifier(((OctetKeyPair) key).toPublicJWK());
    }
}
