package io.portcullis.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in compact serialization (RFC 7515, 7.1), taken apart but not verified. Base64url without padding and in its one
 * canonical form, so that no bit of a token can change unnoticed.
 */
final class CompactJws {
    /** The last of two characters, and of three: their other bits decode to nothing, and are 0. */
    private static final String ENDS_ONE_BYTE = "AQgw";

    private static final String ENDS_TWO_BYTES = "AEIMQUYcgkosw048";

    private final String compact;
    private final byte[] ascii;
    private final int headerEnd;
    private final int payloadEnd;
    private final byte[] header;
    private final byte[] payload;

    private CompactJws(String compact, byte[] ascii, int headerEnd, int payloadEnd, byte[] header, byte[] payload) {
        this.compact = compact;
        this.ascii = ascii;
        this.headerEnd = headerEnd;
        this.payloadEnd = payloadEnd;
        this.header = header;
        this.payload = payload;
    }

    /** Null if this is not three parts of base64url. */
    static @Nullable CompactJws split(String compact) {
        int first = compact.indexOf('.');
        int second = compact.indexOf('.', first + 1);
        if (first <= 0 || second <= first + 1 || second == compact.length() - 1) {
            return null;
        }
        // what is of no single byte becomes a question mark, which is as little base64url
        byte[] ascii = compact.getBytes(StandardCharsets.ISO_8859_1);
        if (ascii.length != compact.length()) {
            // one of two units did, and the parts stand elsewhere
            return null;
        }
        byte[] header = decode(ascii, 0, first);
        byte[] payload = decode(ascii, first + 1, second);
        byte[] signature = decode(ascii, second + 1, ascii.length);
        return header == null || payload == null || signature == null
                ? null
                : new CompactJws(compact, ascii, first, second, header, payload);
    }

    /** As it is encoded. */
    String header() {
        return compact.substring(0, headerEnd);
    }

    /** As it is encoded; not empty. */
    String signature() {
        return compact.substring(payloadEnd + 1);
    }

    /** What the signature is over. */
    byte[] signingInput() {
        return Arrays.copyOf(ascii, payloadEnd);
    }

    /** The header's JSON; null if it is not UTF-8. */
    byte @Nullable [] headerJson() {
        return Utf8.isValid(header) ? header : null;
    }

    /** The payload's JSON; null if it is not UTF-8. */
    byte @Nullable [] payloadJson() {
        return Utf8.isValid(payload) ? payload : null;
    }

    static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Null if the part is not canonical. */
    private static byte @Nullable [] decode(byte[] ascii, int start, int end) {
        if (!endsCanonically((char) ascii[end - 1], (end - start) % 4)) {
            return null;
        }
        try {
            return Base64.getUrlDecoder()
                    .decode(ByteBuffer.wrap(ascii, start, end - start))
                    .array();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether the decoder, which lets padding and any last bits pass, can have read nothing but this. */
    private static boolean endsCanonically(char last, int remainder) {
        return switch (remainder) {
            case 2 -> ENDS_ONE_BYTE.indexOf(last) >= 0;
            case 3 -> ENDS_TWO_BYTES.indexOf(last) >= 0;
            default -> last != '=';
        };
    }

    @Override
    public String toString() {
        return "CompactJws";
    }
}
