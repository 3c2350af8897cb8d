package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** What servers, proxies and frameworks make of a path before they look for what answers it; none of the gateway's code. */
final class LenientServers {
    private static final Pattern ENCODED_DOT = Pattern.compile("(?i)%2e");

    private LenientServers() {}

    /** One thing that some of them do. */
    enum Step implements UnaryOperator<String> {
        DECODE(path -> decode(path, UTF_8)),
        DECODE_LATIN(path -> decode(path, ISO_8859_1)),
        DECODE_FORM(path -> decode(path.replace('+', ' '), UTF_8)),
        LOWER_CASE(path -> path.toLowerCase(Locale.ROOT)),
        MERGE_SLASHES(replacing("/{2,}", "/")),
        BACKSLASHES(path -> path.replace('\\', '/')),
        DROP_PARAMETERS(replacing(";[^/]*", "")),
        CUT_AT_PARAMETERS(path -> cut(path, ';')),
        CUT_AT_QUERY(path -> cut(path, '?')),
        CUT_AT_FRAGMENT(path -> cut(path, '#')),
        CUT_AT_NUL(path -> cut(path, '\0')),
        DOT_SEGMENTS(path -> resolved(path, false)),
        DOT_SEGMENTS_OVER_EMPTY_ONES(path -> resolved(path, true)),
        JAVA_NORMALIZE(LenientServers::normalized),
        DROP_AUTHORITY(path ->
                path.startsWith("//") && path.indexOf('/', 2) > 0 ? path.substring(path.indexOf('/', 2)) : path),
        DROP_CONTROLS(replacing("[\\x00-\\x1f\\x7f]", "")),
        TRIM(String::strip),
        TRIM_DOTS(replacing("(?<=[^./])[. ]+(?=/|$)", "")),
        TRIM_SLASH(path -> path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path),
        DROP_EXTENSION(replacing("(?<=[^./])\\.[^./]*$", ""));

        private final UnaryOperator<String> operator;

        Step(UnaryOperator<String> operator) {
            this.operator = operator;
        }

        @Override
        public String apply(String path) {
            return operator.apply(path);
        }
    }

    private static final Map<String, List<Step>> SERVERS = new TreeMap<>(Map.ofEntries(
            Map.entry("nginx", List.of(Step.DECODE, Step.MERGE_SLASHES, Step.DOT_SEGMENTS)),
            Map.entry(
                    "nginx and a backend that decodes again",
                    List.of(Step.DECODE, Step.MERGE_SLASHES, Step.DOT_SEGMENTS, Step.DECODE)),
            Map.entry(
                    "Tomcat",
                    List.of(
                            Step.DROP_PARAMETERS,
                            Step.DECODE,
                            Step.BACKSLASHES,
                            Step.MERGE_SLASHES,
                            Step.DOT_SEGMENTS)),
            Map.entry("Jetty", List.of(Step.DOT_SEGMENTS, Step.DROP_PARAMETERS, Step.DECODE, Step.MERGE_SLASHES)),
            Map.entry("Undertow", List.of(Step.DECODE, Step.CUT_AT_PARAMETERS, Step.TRIM_SLASH)),
            Map.entry("java.net.URI", List.of(Step.JAVA_NORMALIZE, Step.DECODE)),
            Map.entry(
                    "Spring MVC of old",
                    List.of(
                            Step.DROP_PARAMETERS,
                            Step.DECODE,
                            Step.MERGE_SLASHES,
                            Step.TRIM_SLASH,
                            Step.DROP_EXTENSION)),
            Map.entry(
                    "WHATWG URL and Express",
                    List.of(
                            Step.DROP_CONTROLS,
                            Step.BACKSLASHES,
                            Step.DOT_SEGMENTS,
                            Step.DECODE,
                            Step.LOWER_CASE,
                            Step.TRIM_SLASH)),
            Map.entry(
                    "IIS",
                    List.of(
                            Step.DECODE,
                            Step.BACKSLASHES,
                            Step.DOT_SEGMENTS,
                            Step.TRIM_DOTS,
                            Step.LOWER_CASE,
                            Step.TRIM_SLASH)),
            Map.entry(
                    "IIS that decodes twice",
                    List.of(Step.DECODE, Step.DECODE_LATIN, Step.BACKSLASHES, Step.DOT_SEGMENTS, Step.LOWER_CASE)),
            Map.entry("Go's ServeMux", List.of(Step.DECODE, Step.MERGE_SLASHES, Step.DOT_SEGMENTS)),
            Map.entry("CGI", List.of(Step.DECODE, Step.CUT_AT_NUL, Step.TRIM_SLASH)),
            Map.entry("Rails", List.of(Step.DECODE, Step.MERGE_SLASHES, Step.TRIM_SLASH, Step.DROP_EXTENSION)),
            Map.entry(
                    "a URL parsed from the decoded path",
                    List.of(
                            Step.DECODE,
                            Step.DROP_AUTHORITY,
                            Step.CUT_AT_FRAGMENT,
                            Step.CUT_AT_QUERY,
                            Step.DOT_SEGMENTS)),
            Map.entry("forms", List.of(Step.DECODE_FORM, Step.TRIM, Step.DECODE_FORM, Step.TRIM, Step.DOT_SEGMENTS))));

    /** How many servers that nobody has named are tried with each path, and how much each of them does. */
    private static final int RANDOM_SERVERS = 4;

    private static final int RANDOM_STEPS = 6;

    private static final Map<String, PathPattern> PATTERNS = new ConcurrentHashMap<>();
    private static final PathPatternParser SPRING = new PathPatternParser();

    static {
        SPRING.setCaseSensitive(false);
    }

    /** Who takes the path for another one; empty if nobody does. */
    static String whoTakes(String path, String other) {
        for (Map.Entry<String, List<Step>> server : SERVERS.entrySet()) {
            if (read(path, server.getValue()).equals(other)) {
                return server.getKey();
            }
        }
        PathPattern pattern = PATTERNS.computeIfAbsent(other, SPRING::parse);
        if (pattern.matches(PathContainer.parsePath(path))) {
            return "Spring's PathPattern";
        }
        // always the same ones for the same path
        SplittableRandom random = new SplittableRandom(path.hashCode());
        for (int left = RANDOM_SERVERS; left > 0; left--) {
            List<Step> steps = unnamed(random);
            if (read(path, steps).equalsIgnoreCase(other)) {
                return steps.toString();
            }
        }
        return "";
    }

    /** Each step once, but for the decoding. */
    private static List<Step> unnamed(SplittableRandom random) {
        List<Step> steps = new ArrayList<>(List.of(Step.DECODE));
        for (int left = RANDOM_STEPS; left > 0; left--) {
            Step step = Step.values()[random.nextInt(Step.values().length)];
            if (!steps.contains(step)) {
                steps.add(random.nextInt(steps.size() + 1), step);
            }
        }
        return steps;
    }

    private static String read(String path, List<Step> steps) {
        String read = path;
        for (Step step : steps) {
            read = step.apply(read);
        }
        return read;
    }

    private static String decode(String path, Charset charset) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder decoded = new StringBuilder(path.length());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < path.length()) {
            int high = digit(path, at + 1);
            int low = digit(path, at + 2);
            if (path.charAt(at) == '%' && high >= 0 && low >= 0) {
                bytes.write(high << 4 | low);
                at += 3;
            } else {
                decoded.append(bytes.toString(charset)).append(path.charAt(at));
                bytes.reset();
                at++;
            }
        }
        return decoded.append(bytes.toString(charset)).toString();
    }

    private static int digit(String path, int at) {
        return at < path.length() ? Character.digit(path.charAt(at), 16) : -1;
    }

    private static UnaryOperator<String> replacing(String regex, String replacement) {
        Pattern pattern = Pattern.compile(regex);
        return path -> pattern.matcher(path).replaceAll(replacement);
    }

    private static String cut(String path, char at) {
        int end = path.indexOf(at);
        return end < 0 ? path : path.substring(0, end);
    }

    /** RFC 3986, 5.2.4, with {@code %2e} for a dot as WHATWG's URLs have it; a parent of the root is the root. */
    private static String resolved(String path, boolean emptyOnesCountForNothing) {
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0) {
            return path;
        }
        String[] segments = path.split("/", -1);
        Deque<String> kept = new ArrayDeque<>();
        for (int i = 1; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            String segment = ENCODED_DOT.matcher(segments[i]).replaceAll(".");
            if (segment.equals("..")) {
                while (emptyOnesCountForNothing
                        && !kept.isEmpty()
                        && kept.getLast().isEmpty()) {
                    kept.removeLast();
                }
                kept.pollLast();
            } else if (!segment.equals(".")) {
                kept.addLast(segments[i]);
            }
            if (last && (segment.equals(".") || segment.equals(".."))) {
                kept.addLast("");
            }
        }
        return segments[0] + "/" + String.join("/", kept);
    }

    private static String normalized(String path) {
        if (path.startsWith("//")) {
            return path;
        }
        try {
            String normalized = URI.create(path).normalize().getRawPath();
            return normalized == null ? path : normalized;
        } catch (IllegalArgumentException e) {
            return path;
        }
    }
}
