package io.portcullis.token;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file with a JWK Set (RFC 7517): {@code {"keys":[...]}}. HMAC keys of at least 256 bits, RSA keys of at least 2048, EC
 * keys and Ed25519. A key without {@code alg} is for HS256, RS256, ES256 (ES384, ES512 by its curve) or EdDSA.
 */
public final class JwkSetFile {
    private JwkSetFile() {}

    /** What a file holds: keys, or everything that is wrong with it. */
    public sealed interface Content {}

    /** Keys that can be used. */
    public record Keys(JwsKeys keys) implements Content {}

    /**
     * Nothing that can be used.
     *
     * @param problems sentences without a subject, e.g. {@code "is not a JWK Set"}; never part of a key
     */
    public record Unusable(List<String> problems) implements Content {}

    /** Reads keys of which the first signs and all verify: blocking, small. */
    public static Content read(Path file) {
        return read(file, true);
    }

    /** Reads keys that only verify: public ones will do. Blocking, small. */
    public static Content readToVerify(Path file) {
        return read(file, false);
    }

    private static Content read(Path file, boolean firstSigns) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            return new Unusable(List.of(
                    isPlainlyAPath(file)
                            ? "cannot be read: " + file + " (" + e.getClass().getSimpleName() + ")"
                            : "is not the path of a file that can be read; its value is not shown, it may be a key"));
        }
        List<JWK> jwks;
        try {
            Map<String, Object> json = JSONObjectUtils.parse(text);
            List<?> members = members(json);
            if (members == null) {
                return new Unusable(List.of("is not a JWK Set: " + file));
            }
            jwks = JWKSet.parse(json).getKeys();
            if (jwks.size() < members.size()) {
                // the library passes over them, and another than the first key would sign
                return new Unusable(List.of("has a key with a kty that is not supported: " + file));
            }
        } catch (ParseException | IllegalArgumentException e) {
            // the library's message may quote the file
            return new Unusable(List.of("is not a JWK Set: " + file));
        }
        return keys(jwks, file, firstSigns);
    }

    /** What stands in {@code keys}; null unless all of it are objects, which the library takes for granted. */
    private static @Nullable List<?> members(@Nullable Map<String, Object> json) {
        return json != null
                        && json.get("keys") instanceof List<?> keys
                        && keys.stream().allMatch(Map.class::isInstance)
                ? keys
                : null;
    }

    /** Where a path is asked for, some set the key itself. */
    private static boolean isPlainlyAPath(Path file) {
        String text = file.toString();
        return (file.isAbsolute() || text.endsWith(".json")) && text.indexOf('"') < 0;
    }

    private static Content keys(List<JWK> jwks, Path file, boolean firstSigns) {
        List<String> problems = new ArrayList<>();
        List<JwsKey> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < jwks.size(); i++) {
            JWK jwk = jwks.get(i);
            String which = "key " + (i + 1) + " of " + file + " ";
            if (KeyUse.ENCRYPTION.equals(jwk.getKeyUse())) {
                problems.add(which + "is for encryption, not for signatures");
            }
            try {
                JwsKey key = key(jwk);
                keys.add(key);
                if (!ids.add(key.keyIdOrThumbprint())) {
                    problems.add(which + "has the kid of an earlier one, or is the same key");
                }
            } catch (JOSEException | IllegalArgumentException | IllegalStateException e) {
                problems.add(which + "cannot be used: " + e.getMessage());
            }
        }
        if (jwks.isEmpty()) {
            problems.add("has no keys: " + file);
        } else if (firstSigns && problems.isEmpty() && !keys.get(0).canSign()) {
            problems.add("key 1 of " + file + " cannot sign: it has no private part");
        }
        return problems.isEmpty() ? new Keys(new JwsKeys(keys)) : new Unusable(problems);
    }

    private static JwsKey key(JWK jwk) throws JOSEException {
        if (jwk instanceof OctetSequenceKey key) {
            JWSAlgorithm algorithm = algorithm(key, JWSAlgorithm.HS256);
            require(key.size() >= 256, "an HMAC key has at least 256 bits, this one " + key.size());
            return key(key, algorithm, new MACSigner(key), new MACVerifier(key), key.getKeyValue());
        }
        if (jwk instanceof RSAKey key) {
            JWSAlgorithm algorithm = algorithm(key, JWSAlgorithm.RS256);
            require(key.size() >= 2048, "an RSA key has at least 2048 bits, this one " + key.size());
            return key(
                    key,
                    algorithm,
                    key.isPrivate() ? new RSASSASigner(key) : null,
                    new RSASSAVerifier(key),
                    key.getPrivateExponent());
        }
        if (jwk instanceof ECKey key) {
            JWSAlgorithm algorithm = algorithm(key, ofCurve(key.getCurve()));
            return key(
                    key, algorithm, key.isPrivate() ? new ECDSASigner(key) : null, new ECDSAVerifier(key), key.getD());
        }
        if (jwk instanceof OctetKeyPair key && Curve.Ed25519.equals(key.getCurve())) {
            JWSAlgorithm algorithm = algorithm(key, JWSAlgorithm.EdDSA);
            return key(
                    key,
                    algorithm,
                    key.isPrivate() ? new Ed25519Signer(key) : null,
                    new Ed25519Verifier(key.toPublicJWK()),
                    key.getD());
        }
        throw new IllegalArgumentException("its type is not supported");
    }

    private static JwsKey key(
            JWK jwk,
            JWSAlgorithm algorithm,
            @Nullable JWSSigner signer,
            JWSVerifier verifier,
            @Nullable Base64URL secret)
            throws JOSEException {
        boolean suits = verifier.supportedJWSAlgorithms().contains(algorithm)
                && (signer == null || signer.supportedJWSAlgorithms().contains(algorithm));
        require(suits, "it does not suit its alg, " + algorithm);
        JwsKey key = new JwsKey(
                jwk.getKeyID(),
                jwk.computeThumbprint().toString(),
                algorithm,
                signer,
                verifier,
                signer == null || secret == null ? null : secret.decode());
        require(signer == null || verifiesItsOwn(key), "its private part does not belong to its public part");
        return key;
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
