package io.portcullis.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says of whom it got the request from: an element of {@code Forwarded} (RFC 7239, 4), or the like of it
 * in {@code X-Forwarded-For}. What is malformed says nothing.
 *
 * @param node {@code for}
 * @param proto {@code proto}
 * @param host {@code host}
 */
record ForwardedElement(
        @Nullable String node,
        @Nullable String proto,
        @Nullable String host) {
    private static final ForwardedElement NOTHING = new ForwardedElement(null, null, null);
    private static final Pattern PAIR = Pattern.compile(
            "\\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([^\"\\\\;,\\s]+)|\"((?:[^\"\\\\]|\\\\.)*)\"))?\\s*(;|$)");

    /** The elements of {@code Forwarded}, from the newest to the eldest. */
    static List<ForwardedElement> ofForwarded(List<String> lines) {
        return newestFirst(lines).map(ForwardedElement::parse).toList();
    }

    /** The elements of {@code X-Forwarded-For}, from the newest to the eldest. */
    static List<ForwardedElement> ofXForwardedFor(List<String> lines) {
        return newestFirst(lines)
                .map(node -> new ForwardedElement(node, null, null))
                .toList();
    }

    /** The last element of a list over several header lines; null if there is none. */
    static @Nullable String newest(List<String> lines) {
        return lines.isEmpty() ? null : newestFirst(lines).findFirst().orElse(null);
    }

    private static Stream<String> newestFirst(List<String> lines) {
        List<String> elements = new ArrayList<>();
        for (int line = lines.size() - 1; line >= 0; line--) {
            split(lines.get(line), elements);
        }
        return elements.stream();
    }

    /**
     * From the end, since only there it is known who writes: a quote that a client opens and never closes must not
     * swallow what proxies put behind it.
     */
    private static void split(String line, List<String> elements) {
        boolean quoted = false;
        int end = line.length();
        for (int at = line.length() - 1; at >= 0; at--) {
            char c = line.charAt(at);
            if (c == '"' && !isEscaped(line, at)) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                elements.add(line.substring(at + 1, end).trim());
                end = at;
            }
        }
        elements.add(line.substring(0, end).trim());
    }

    private static boolean isEscaped(String line, int at) {
        int backslashes = 0;
        while (at - backslashes > 0 && line.charAt(at - backslashes - 1) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static ForwardedElement parse(String element) {
        Map<String, String> pairs = new HashMap<>();
        Matcher pair = PAIR.matcher(element);
        int end = 0;
        while (end < element.length()) {
            if (!pair.find(end) || pair.start() != end) {
                return NOTHING;
            }
            String name = pair.group(1);
            if (name != null) {
                String value = pair.group(2) == null ? pair.group(3).replaceAll("\\\\(.)", "$1") : pair.group(2);
                if (pairs.put(name.toLowerCase(Locale.ROOT), value) != null) {
                    return NOTHING;
                }
            }
            end = pair.end();
        }
        return new ForwardedElement(pairs.get("for"), pairs.get("proto"), pairs.get("host"));
    }
}
