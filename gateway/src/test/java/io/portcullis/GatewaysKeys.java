package io.portcullis;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.demo.DemoKeys;
import io.portcullis.token.RawJws;
import java.io.IOException;
import java.text.ParseException;

/** Tokens that are signed with the gateway's very own key, and that it never minted. */
public final class GatewaysKeys {
    private GatewaysKeys() {}

    public static JWK refreshTokenKey(DemoKeys keys) {
        try {
            return JWKSet.load(keys.refreshTokenKeys().toFile()).getKeys().get(0);
        } catch (IOException | ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Under which name its tokens say that they are signed with it. */
    public static String kid(JWK key) {
        return key.getKeyID();
    }

    /** That token with another payload. */
    public static String withPayload(JWK key, String token, String payload) {
        return RawJws.sign(key, RawJws.header(token), payload);
    }

    /**
     * That token with another value of a claim.
     *
     * @param value JSON, a string or a number
     */
    public static String withClaim(JWK key, String token, String name, String value) {
        String payload = RawJws.payload(token);
        String changed = payload.replaceFirst("\"" + name + "\":(\"[^\"]*\"|-?\\d+)", "\"" + name + "\":" + value);
        if (changed.equals(payload)) {
            throw new AssertionError("no other " + name + " in " + payload);
        }
        return withPayload(key, token, changed);
    }
}
