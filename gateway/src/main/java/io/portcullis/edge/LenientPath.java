package io.portcullis.edge;

import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The texts that lenient decoders can make of a request path (RFC 3986, 3.3): percent-encoding and {@code %uXXXX} undone
 * until nothing changes, UTF-8 read with its overlong forms, compatibility characters (Unicode, NFKD) replaced by what
 * they stand for.
 *
 * <p>In a text, {@code /} is a slash that was one on the wire, which everybody takes for a separator. {@code \} is a
 * backslash, or a slash that came out of a decoding: a separator to some.
 *
 * @param texts the readings, as a whole; they differ only where the path goes beyond ASCII
 * @param settled whether the decoding came to an end; if not, the texts say nothing
 */
record LenientPath(Set<String> texts, boolean settled) {
    /** How often a path may be encoded: servers, proxies and frameworks in a row undo one layer each. */
    static final int LAYERS_MAX = 8;

    private static final String LOOKS_LIKE_A_SLASH = "\u2044\u2215\u29f8\u2216\u29f5\u00a5\u20a9";
    private static final int NO_BYTE = -1;

    static LenientPath of(String rawPath) {
        if (rawPath.chars().allMatch(c -> c < 0x80 && c != '%')) {
            return new LenientPath(Set.of(rawPath), true);
        }
        Settling exact = Settling.of(rawPath, Overlong.READ, UnaryOperator.identity());
        List<Settling> settlings = List.of(
                exact,
                Settling.of(rawPath, Overlong.MALFORMED, UnaryOperator.identity()),
                Settling.of(rawPath, Overlong.READ, LenientPath::replaceCompatible),
                // what was encoded as UTF-8 twice shows in the exact text only
                Settling.of(exact.text(), Overlong.READ, LenientPath::replaceCompatible),
                // one server decodes and drops a NUL, the next decodes what stood around it (%257%002)
                Settling.of(rawPath, Overlong.READ, text -> withoutControls(text, false)),
                // or drops others, and what they stood in becomes a NUL, where the next one ends (%0%090)
                Settling.of(rawPath, Overlong.READ, text -> withoutControls(text, true)));
        return new LenientPath(
                settlings.stream().map(Settling::text).collect(Collectors.toCollection(LinkedHashSet::new)),
                settlings.stream().allMatch(Settling::settled));
    }

    /** What a decoder makes of UTF-8 that is longer than need be; malformed bytes stay, as ISO 8859-1. */
    private enum Overlong {
        READ,
        MALFORMED
    }

    private record Settling(String text, boolean settled) {
        /** @param after what is done with the text after each layer */
        static Settling of(String path, Overlong overlong, UnaryOperator<String> after) {
            String text = path;
            for (int layer = 0; layer <= LAYERS_MAX; layer++) {
                String next = after.apply(decodeOnce(text, overlong));
                if (next.equals(text)) {
                    return new Settling(text, true);
                }
                text = next;
            }
            return new Settling(text, false);
        }
    }

    private static String decodeOnce(String text, Overlong overlong) {
        StringBuilder decoded = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int utf16 = utf16At(text, at);
            if (utf16 != NO_BYTE) {
                decoded.append(softened((char) utf16));
                at += 6;
                continue;
            }
            int lead = byteAt(text, at);
            if (lead == NO_BYTE) {
                decoded.append(text.charAt(at));
                at++;
                continue;
            }
            int end = at + lengthOfByteAt(text, at);
            int bits = lead;
            if (lead >= 0xc0) {
                int sequenceEnd = sequenceEnd(text, end, lead);
                int codePoint = codePoint(text, end, sequenceEnd, lead);
                if (sequenceEnd > end && (overlong == Overlong.READ || codePoint >= leastCodePoint(lead))) {
                    bits = codePoint;
                    end = sequenceEnd;
                }
            }
            if (bits < 0x80) {
                decoded.append(softened((char) bits));
            } else {
                decoded.appendCodePoint(bits);
            }
            at = end;
        }
        return decoded.toString();
    }

    private static char softened(char decoded) {
        return decoded == '/' ? '\\' : decoded;
    }

    /** Where the UTF-8 sequence ends whose continuation starts at {@code from}; {@code from} itself if there is none. */
    private static int sequenceEnd(String text, int from, int lead) {
        // C0 and C1 start no valid sequence; decoders that take them did not look at the next byte either (%c1%1c).
        boolean unchecked = lead <= 0xc1;
        int at = from;
        for (int left = continuationBytes(lead); left > 0; left--) {
            int next = byteAt(text, at);
            if (next == NO_BYTE || !(unchecked || (next & 0xc0) == 0x80)) {
                return from;
            }
            at += lengthOfByteAt(text, at);
        }
        return at;
    }

    private static int codePoint(String text, int from, int end, int lead) {
        int bits = lead & (0x3f >> continuationBytes(lead));
        for (int at = from; at < end; at += lengthOfByteAt(text, at)) {
            bits = (bits << 6) | (byteAt(text, at) & 0x3f);
        }
        return Character.isValidCodePoint(bits) ? bits : 0xfffd;
    }

    private static int continuationBytes(int lead) {
        if (lead >= 0xf8) {
            return 0;
        }
        return lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    }

    private static int leastCodePoint(int lead) {
        return lead >= 0xf0 ? 0x10000 : lead >= 0xe0 ? 0x800 : 0x80;
    }

    /** The byte written at this place, escaped or (beyond ASCII) as it is: the wire is read as ISO 8859-1. */
    private static int byteAt(String text, int at) {
        if (at >= text.length()) {
            return NO_BYTE;
        }
        char c = text.charAt(at);
        if (c == '%') {
            return hex(text, at + 1, 2);
        }
        return c >= 0x80 && c <= 0xff ? c : NO_BYTE;
    }

    private static int lengthOfByteAt(String text, int at) {
        return text.charAt(at) == '%' ? 3 : 1;
    }

    /** The UTF-16 unit written as {@code %uXXXX}, as JavaScript's {@code escape} does and IIS reads. */
    private static int utf16At(String text, int at) {
        boolean marked = text.charAt(at) == '%'
                && at + 1 < text.length()
                && (text.charAt(at + 1) == 'u' || text.charAt(at + 1) == 'U');
        return marked ? hex(text, at + 2, 4) : NO_BYTE;
    }

    private static int hex(String text, int from, int digits) {
        if (from + digits > text.length()) {
            return NO_BYTE;
        }
        int value = 0;
        for (int at = from; at < from + digits; at++) {
            int digit = Character.digit(text.charAt(at), 16);
            if (digit < 0) {
                return NO_BYTE;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    private static String withoutControls(String text, boolean keepsNul) {
        StringBuilder kept = new StringBuilder(text.length());
        text.chars()
                .filter(c -> (c >= ' ' && c != 0x7f) || (c == 0 && keepsNul))
                .forEach(c -> kept.append((char) c));
        return kept.toString();
    }

    /** Each character by itself: ordering runs of combining marks, which nothing here needs, takes quadratic time. */
    private static String replaceCompatible(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c < 0x80) {
                replaced.append((char) c);
            } else if (LOOKS_LIKE_A_SLASH.indexOf(c) >= 0) {
                replaced.append('\\');
            } else {
                replaced.append(Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKD)
                        .toUpperCase(Locale.ROOT)
                        .toLowerCase(Locale.ROOT)
                        .replace('/', '\\'));
            }
        });
        return replaced.toString();
    }
}
