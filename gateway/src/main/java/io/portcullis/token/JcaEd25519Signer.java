package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.impl.EdDSAProvider;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;

/** Ed25519 (RFC 8037, 3.1) by a provider of JCA; the library's own signer knows Tink alone, which is Java. */
final class JcaEd25519Signer extends EdDSAProvider implements JWSSigner {
    /** RFC 8410, 7: what stands before the 32 bytes. */
    private static final String PKCS8 = "302e020100300506032b657004220420";

    private final PrivateKey key;
    private final Provider provider;

    private JcaEd25519Signer(PrivateKey key, Provider provider) {
        this.key = key;
        this.provider = provider;
    }

    static JcaEd25519Signer of(OctetKeyPair key, Provider provider) throws JOSEException {
        byte[] encoded = HexFormat.of().parseHex(PKCS8 + HexFormat.of().formatHex(key.getDecodedD()));
        try {
            return new JcaEd25519Signer(
                    KeyFactory.getInstance("Ed25519", provider).generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                    provider);
        } catch (GeneralSecurityException e) {
            throw new JOSEException("it is no private key of Ed25519", e);
        }
    }

    @Override
    public Base64URL sign(JWSHeader header, byte[] signingInput) throws JOSEException {
        try {
            Signature signature = Signature.getInstance("Ed25519", provider);
            signature.initSign(key);
            signature.update(signingInput);
            return Base64URL.encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new JOSEException(e.getMessage(), e);
        }
    }
}
