package io.portcullis.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8 without overlong forms and lone surrogates (RFC 3629, 3). */
final class Utf8 {
    private Utf8() {}

    /** Most JSON is ASCII, for which nothing is decoded. */
    static boolean isValid(byte[] bytes) {
        for (byte one : bytes) {
            if (one < 0) {
                return isDecoded(bytes);
            }
        }
        return true;
    }

    private static boolean isDecoded(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
