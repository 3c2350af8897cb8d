package io.portcullis;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jwt.SignedJWT;
import io.portcullis.leaks.Secrets;
import java.net.http.HttpResponse;
import java.text.ParseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokens as a backend or a client sees them, made and read without any of the gateway's code. */
public final class Tokens {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Tokens() {}

    /** Signs claims that are given as JSON text, so that numbers stay as they are written. */
    public static String sign(OctetSequenceKey key, String claims) {
        try {
            JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256)
                    .type(JOSEObjectType.JWT)
                    .build();
            JWSObject token = new JWSObject(header, new Payload(claims));
            token.sign(new MACSigner(key));
            Secrets.addToken(token.serialize());
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The claims as text, if the key verifies the token. */
    public static String verifiedClaims(OctetSequenceKey key, String token) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            if (!jwt.verify(new MACVerifier(key))) {
                throw new AssertionError("the backend's key does not verify the token");
            }
            return jwt.getPayload().toString();
        } catch (ParseException | JOSEException e) {
            throw new AssertionError("not a JWT that the backend's key verifies", e);
        }
    }

    /** A claim of a token that nobody verifies. */
    public static JsonNode claims(String token) {
        try {
            return JSON.readTree(SignedJWT.parse(token).getPayload().toString());
        } catch (ParseException e) {
            throw new AssertionError("not a JWT", e);
        }
    }

    public static JsonNode header(String token) {
        try {
            return JSON.readTree(SignedJWT.parse(token).getHeader().toString());
        } catch (ParseException e) {
            throw new AssertionError("not a JWT", e);
        }
    }

    public static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    public static String refreshToken(HttpResponse<String> response) {
        return member(response, "refreshToken");
    }

    public static String accessToken(HttpResponse<String> response) {
        return member(response, "token");
    }

    private static String member(HttpResponse<String> response, String name) {
        JsonNode value = json(response).path(name);
        if (!value.isString()) {
            throw new AssertionError("no " + name + " in " + response.statusCode() + " " + response.body());
        }
        Secrets.addToken(value.asString());
        return value.asString();
    }
}
