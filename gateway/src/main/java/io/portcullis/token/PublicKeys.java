package io.portcullis.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What backends verify access tokens with where these are signed by a key that has a public half. */
public final class PublicKeys {
    private PublicKeys() {}

    /**
     * A JWK Set (RFC 7517, 5), perhaps an empty one: of each key of access tokens its public members, {@code kid}, {@code alg}
     * and {@code use}. A key that realms share is in it once.
     */
    public static String jwkSet(Collection<RealmKeys> realms) {
        Map<String, Map<String, Object>> byThumbprint = new LinkedHashMap<>();
        for (RealmKeys realm : realms) {
            for (JwsKey key : realm.accessTokens().all()) {
                Map<String, Object> jwk = key.publicJwk();
                if (jwk != null) {
                    byThumbprint.putIfAbsent(key.thumbprint(), jwk);
                }
            }
        }
        return JSONObjectUtils.toJSONString(Map.of("keys", List.copyOf(byThumbprint.values())));
    }
}
