package io.portcullis.leaks;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What nobody may print: whatever has the shape of a token, and what tests have said is a secret. Looked for as it is, in
 * the parts that a token has, and as the hexadecimal dump of a buffer.
 */
public final class Secrets {
    /** As many as a long test makes; then the eldest matter no more. */
    private static final int KNOWN_MAX = 200_000;

    private static final int WORD_MIN = 22;

    /** A JSON object in base64url, as headers and payloads of tokens are; no session's id, one in some thousands of which has those letters. */
    private static final Pattern TOKEN =
            Pattern.compile("(?<![A-Za-z0-9_-])(?![A-Za-z0-9_-]{44}(?![A-Za-z0-9_-]))eyJ[A-Za-z0-9_-]{16,}");

    /** The same, byte by byte. */
    private static final Pattern DUMPED = Pattern.compile("65 ?79 ?4[aA]( ?[0-9a-fA-F]{2}){10,}");

    /** What the payload of a refresh token says, and the member of a JWK that is the key. */
    private static final List<String> PLAIN = List.of("\"access_claims\":", "\"access_header\":", "\"k\":\"");

    private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

    private Secrets() {}

    /** Nobody may print this: base64url of 22 characters at least, with nothing of that alphabet beside it. */
    public static void add(String secret) {
        if (!secret.matches("[A-Za-z0-9_-]{" + WORD_MIN + ",}")) {
            throw new IllegalArgumentException("would not be found");
        }
        if (KNOWN.size() >= KNOWN_MAX) {
            KNOWN.clear();
        }
        KNOWN.add(secret);
    }

    /** Nobody may print a token's signature alone: its other parts are found by their shape. */
    public static void addToken(String token) {
        String signature = token.substring(token.lastIndexOf('.') + 1);
        if (signature.length() >= WORD_MIN) {
            add(signature);
        }
    }

    /** A password of that name, in letters and hyphens, which nobody may print. */
    public static String made(String name) {
        String secret = "S3CRET-that-nobody-prints-" + name;
        add(secret);
        return secret;
    }

    /** What a line holds of it; null if nothing. */
    public static @Nullable String in(String line) {
        for (String plain : PLAIN) {
            if (line.contains(plain)) {
                return plain;
            }
        }
        for (Pattern shape : List.of(TOKEN, DUMPED)) {
            Matcher matcher = shape.matcher(line);
            if (matcher.find()) {
                return matcher.group();
            }
        }
        return KNOWN.isEmpty() ? null : known(line);
    }

    private static @Nullable String known(String line) {
        int start = 0;
        for (int at = 0; at <= line.length(); at++) {
            if (at == line.length() || !isBase64(line.charAt(at))) {
                if (at - start >= WORD_MIN && KNOWN.contains(line.substring(start, at))) {
                    return line.substring(start, at);
                }
                start = at + 1;
            }
        }
        return null;
    }

    private static boolean isBase64(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
