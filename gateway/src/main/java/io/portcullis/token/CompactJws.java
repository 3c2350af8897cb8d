package io.portcullis.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in compact serialization (RFC 7515, 7.1), taken apart but not verified. Base64url without padding and in its one
 * canonical form, so that no bit of a token can change unnoticed.
 *
 * @param header the encoded header
 * @param payload the encoded payload
 * @param signature the encoded signature, not empty
 */
record CompactJws(String header, String payload, String signature) {

    /** Null if this is not three parts of base64url. */
    static @Nullable CompactJws split(String compact) {
        int first = compact.indexOf('.');
        int second = compact.indexOf('.', first + 1);
        if (first <= 0 || second <= first + 1 || second == compact.length() - 1) {
            return null;
        }
        CompactJws jws = new CompactJws(
                compact.substring(0, first), compact.substring(first + 1, second), compact.substring(second + 1));
        return decode(jws.header) == null || decode(jws.payload) == null || decode(jws.signature) == null ? null : jws;
    }

    /** What the signature is over. */
    byte[] signingInput() {
        return (header + '.' + payload).getBytes(StandardCharsets.US_ASCII);
    }

    /** The header's JSON; null if it is not UTF-8. */
    byte @Nullable [] headerJson() {
        return utf8(header);
    }

    /** The payload's JSON; null if it is not UTF-8. */
    byte @Nullable [] payloadJson() {
        return utf8(payload);
    }

    static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static byte @Nullable [] utf8(String encoded) {
        byte[] decoded = decode(encoded);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded == null ? new byte[0] : decoded));
            return decoded;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static byte @Nullable [] decode(String encoded) {
        try {
            byte[] decoded = Base64.getUrlDecoder().decode(encoded);
            boolean canonical = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(decoded)
                    .equals(encoded);
            return canonical ? decoded : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "CompactJws";
    }
}
