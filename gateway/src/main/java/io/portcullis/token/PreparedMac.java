package io.portcullis.token;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.crypto.utils.ConstantTimeUtils;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC with one key and one algorithm (RFC 7518, 3.2). The library's own looks the algorithm up and takes the key in for each
 * signature; here that was done once, and a copy of it is the start of each.
 */
final class PreparedMac extends BaseJWSProvider implements JWSSigner, JWSVerifier {
    private final Mac prepared;

    /** @throws IllegalArgumentException if the key does not suit the algorithm */
    PreparedMac(OctetSequenceKey key, JWSAlgorithm algorithm) {
        super(MACSigner.getCompatibleAlgorithms(key.size()));
        if (!supportedJWSAlgorithms().contains(algorithm)) {
            throw new IllegalArgumentException("it does not suit its alg, " + algorithm);
        }
        String name = algorithm.getName().replace("HS", "HmacSHA");
        try {
            prepared = Mac.getInstance(name);
            prepared.init(new SecretKeySpec(key.toByteArray(), name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JRE has HMAC", e);
        }
        // the key is hashed before the first byte, even if there is none
        prepared.update(new byte[0]);
    }

    /** By the JDK's encoder, which is the quicker one: a signature that is made to be sent is no secret. */
    @Override
    public Base64URL sign(JWSHeader header, byte[] signingInput) {
        return new Base64URL(Base64.getUrlEncoder().withoutPadding().encodeToString(mac(signingInput)));
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signingInput, Base64URL signature) {
        byte[] given;
        try {
            given = Base64.getUrlDecoder().decode(signature.toString());
        } catch (IllegalArgumentException e) {
            return false;
        }
        return ConstantTimeUtils.areEqual(mac(signingInput), given);
    }

    private byte[] mac(byte[] signingInput) {
        try {
            return ((Mac) prepared.clone()).doFinal(signingInput);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JRE's HMAC can be copied", e);
        }
    }
}
