package io.portcullis.token;

import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds what must be in no message. */
final class KeyMaterial {
    private static final Set<String> SECRET = Set.of("k", "d", "p", "q", "dp", "dq", "qi");
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\"\\s*:\\s*\"([^\"]+)\"");

    private KeyMaterial() {}

    /** The first characters of every secret member of the JWKs in a text. */
    static List<String> of(String json) {
        return MEMBER.matcher(json)
                .results()
                .filter(member -> SECRET.contains(member.group(1)))
                .map(KeyMaterial::start)
                .toList();
    }

    private static String start(MatchResult member) {
        String value = member.group(2);
        return value.substring(0, Math.min(value.length(), 8));
    }
}
