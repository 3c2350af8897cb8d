package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jca.JCAAware;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Makes signers and verifiers for keys that have a public half (RFC 7518, 3.3 to 3.5; RFC 8037, 3.1), with a provider of
 * JCA. A key becomes one of the provider's own here, once: else it would for each signature.
 */
final class Signatures {
    private final @Nullable Provider provider;

    /** @param provider null for what is there in any case: the JRE's own, and Tink for Ed25519 */
    Signatures(@Nullable Provider provider) {
        this.provider = provider;
    }

    /** The quickest that there are on this platform: what is native is loaded for the first that asks. */
    static Signatures ofThisPlatform() {
        return OfThisPlatform.SIGNATURES;
    }

    private static final class OfThisPlatform {
        static final Signatures SIGNATURES = new Signatures(NativeProvider.load());
    }

    /** Null where the key has no private part. */
    @Nullable
    JWSSigner signer(RSAKey key) throws JOSEException {
        return key.isPrivate() ? provided(new RSASSASigner((PrivateKey) translated(key.toPrivateKey()))) : null;
    }

    JWSVerifier verifier(RSAKey key) throws JOSEException {
        return provided(new RSASSAVerifier((RSAPublicKey) translated(key.toRSAPublicKey())));
    }

    /** Null where the key has no private part. */
    @Nullable
    JWSSigner signer(ECKey key) throws JOSEException {
        return key.isPrivate()
                ? provided(new ECDSASigner((PrivateKey) translated(key.toPrivateKey()), key.getCurve()))
                : null;
    }

    JWSVerifier verifier(ECKey key) throws JOSEException {
        return provided(new ECDSAVerifier((ECPublicKey) translated(key.toECPublicKey())));
    }

    /** Null where the key has no private part. */
    @Nullable
    JWSSigner signer(OctetKeyPair key) throws JOSEException {
        if (!key.isPrivate()) {
            return null;
        }
        return provider == null ? new Ed25519Signer(key) : JcaEd25519Signer.of(key, provider);
    }

    JWSVerifier verifier(OctetKeyPair key) throws JOSEException {
        return provider == null ? new Ed25519Verifier(key.toPublicJWK()) : JcaEd25519Verifier.of(key, provider);
    }

    private <T extends JCAAware<JCAContext>> T provided(T signerOrVerifier) {
        if (provider != null) {
            signerOrVerifier.getJCAContext().setProvider(provider);
        }
        return signerOrVerifier;
    }

    private Key translated(Key key) throws JOSEException {
        try {
            return provider == null
                    ? key
                    : KeyFactory.getInstance(key.getAlgorithm(), provider).translateKey(key);
        } catch (GeneralSecurityException e) {
            throw new JOSEException("the provider of signatures cannot use it", e);
        }
    }
}
