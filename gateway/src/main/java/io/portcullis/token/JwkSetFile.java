package io.portcullis.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.util.JSONObjectUtils;
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
        return KeyFile.read(file).keys();
    }

    /**
     * What a text holds.
     *
     * @param file where it stood, for what is said of it
     * @param firstSigns whether the first key must have a private part; else no key may, if it is of a pair
     */
    static Content parse(String text, Path file, boolean firstSigns) {
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
            return new Unusable(List.of("is not a JWK Set"
                    + (text.stripLeading().startsWith("-----BEGIN") ? " but PEM, which is to be converted: " : ": ")
                    + file));
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
                JwsKey key = JwkReader.of(jwk);
                keys.add(key);
                if (!firstSigns && key.canSign() && key.publicJwk() != null) {
                    problems.add(which + "has its private part, which is for whoever signs: the public one is enough");
                }
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
}
