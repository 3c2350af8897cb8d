package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Compact JWSs with any header text and any payload text, made and verified without any of the gateway's code. */
public final class RawJws {
    private RawJws() {}

    /** Signed with the key and its own algorithm, whatever the header says. */
    public static String sign(JWK key, String header, String payload) {
        try {
            return sign(new DefaultJWSSignerFactory().createJWSSigner(key), algorithm(key), header, payload);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** HMAC with any bytes as the secret. */
    public static String hmac(byte[] secret, JWSAlgorithm algorithm, String header, String payload) {
        try {
            return sign(new MACSigner(secret), algorithm, header, payload);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** HMAC-SHA256 over any bytes at all. */
    static String hmac(byte[] secret, byte[] header, byte[] payload) {
        String input = encode(header) + '.' + encode(payload);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return input + '.' + encode(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sign(JWSSigner signer, JWSAlgorithm algorithm, String header, String payload)
            throws JOSEException {
        String input = encode(header) + '.' + encode(payload);
        return input + '.' + signer.sign(new JWSHeader(algorithm), input.getBytes(StandardCharsets.US_ASCII));
    }

    static JWSAlgorithm algorithm(JWK key) {
        return JWSAlgorithm.parse(key.getAlgorithm().getName());
    }

    public static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static String header(String compact) {
        return decode(compact.split("\\.")[0]);
    }

    public static String payload(String compact) {
        return decode(compact.split("\\.")[1]);
    }

    private static String decode(String segment) {
        return new String(Base64.getUrlDecoder().decode(segment), StandardCharsets.UTF_8);
    }

    /** Whether a backend with that key would take the token for one of its own. */
    public static boolean verifies(JWK key, String compact) {
        try {
            return SignedJWT.parse(compact).verify(verifier(key));
        } catch (ParseException | JOSEException e) {
            throw new AssertionError("not a signed JWT", e);
        }
    }

    private static JWSVerifier verifier(JWK key) throws JOSEException {
        if (key instanceof OctetSequenceKey secret) {
            return new MACVerifier(secret);
        }
        if (key instanceof RSAKey rsa) {
            return new RSASSAVerifier(rsa.toPublicJWK());
        }
        if (key instanceof ECKey ec) {
            return new ECDSAVerifier(ec.toPublicJWK());
        }
        return new Ed25519Verifier(((OctetKeyPair) key).toPublicJWK());
    }
}
