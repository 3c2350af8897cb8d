package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.EdDSAProvider;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** The other half of {@link JcaEd25519Signer}. */
final class JcaEd25519Verifier extends EdDSAProvider implements JWSVerifier {
    /** RFC 8410, 4: what stands before the 32 bytes. */
    private static final String X509 = "302a300506032b6570032100";

    private final PublicKey key;
    private final Provider provider;

    private JcaEd25519Verifier(PublicKey key, Provider provider) {
        this.key = key;
        this.provider = provider;
    }

    static JcaEd25519Verifier of(OctetKeyPair key, Provider provider) throws JOSEException {
        byte[] encoded = HexFormat.of().parseHex(X509 + HexFormat.of().formatHex(key.getDecodedX()));
        try {
            return new JcaEd25519Verifier(
                    KeyFactory.getInstance("Ed25519", provider).generatePublic(new X509EncodedKeySpec(encoded)),
                    provider);
        } catch (GeneralSecurityException e) {
            throw new JOSEException("it is no public key of Ed25519", e);
        }
    }

    /** False for what is no signature at all, too. */
    @Override
    public boolean verify(JWSHeader header, byte[] signingInput, Base64URL signature) throws JOSEException {
        try {
            Signature verifier = Signature.getInstance("Ed25519", provider);
            verifier.initVerify(key);
            verifier.update(signingInput);
            return verifier.verify(signature.decode());
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new JOSEException(e.getMessage(), e);
        }
    }
}
