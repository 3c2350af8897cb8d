package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.fuzz.FuzzContract;
import io.portcullis.fuzz.StrictJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers that may issue a session. An input is a letter and what it is about: {@code j} a JSON body, {@code g}, {@code d} and
 * {@code b} a body in gzip, deflate or Brotli, capital where it is to be packed first, {@code l} a {@code Location}.
 */
public final class IssuingAnswerFuzzTest extends FuzzContract {
    private static final TokenPair OURS = new TokenPair("eyJOUR.access.sig", "eyJOUR.refresh.sig");
    private static final int LIMIT = 1 << 14;

    static {
        // loads its native library
        ReadableCodings.ofThisPlatform();
    }

    IssuingAnswerFuzzTest() {
        super("issuing-answer", IssuingAnswerFuzzTest::fuzzerTestOneInput);
    }

    /** By Jazzer's name. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0]) {
            case 'l' -> rewriteLocation(new String(rest, ISO_8859_1));
            case 'g' -> rewrite(ContentCoding.GZIP, rest);
            case 'd' -> rewrite(ContentCoding.DEFLATE, rest);
            case 'b' -> rewrite(ContentCoding.BROTLI, rest);
            case 'G' -> rewritePacked(ContentCoding.GZIP, rest);
            case 'D' -> rewritePacked(ContentCoding.DEFLATE, rest);
            default -> rewrite(ContentCoding.IDENTITY, rest);
        }
    }

    private static void rewritePacked(ContentCoding coding, byte[] plain) {
        byte[] packed = coding.encode(plain, new byte[0]);
        assertThat(coding.decode(packed, plain.length)).isEqualTo(plain);
        assertThat(plain.length == 0 || coding.decode(packed, plain.length - 1) == null)
                .isTrue();
        rewrite(coding, packed);
    }

    private static String rewrite(ContentCoding coding, byte[] body) {
        byte[] json = coding.decode(body, LIMIT);
        if (json == null) {
            return "unreadable";
        }
        assertThat(json).hasSizeLessThanOrEqualTo(LIMIT);
        ObjectNode object = StrictJson.object(json);
        String token = StrictJson.text(object, "token");
        boolean issues = token != null && StrictJson.text(object, "refreshToken") != null;

        IssuingBody issuing = IssuingBody.recognize(json);

        assertThat(issuing != null).isEqualTo(issues);
        if (issuing == null) {
            return "nothing";
        }
        assertThat(issuing.accessToken()).isEqualTo(token);
        byte[] ours = issuing.with(OURS);
        ObjectNode expected = object.deepCopy();
        expected.put("token", OURS.accessToken()).put("refreshToken", OURS.refreshToken());
        assertThat(StrictJson.object(ours)).isEqualTo(expected);
        assertThat(JsonPieces.of(ours, "token", "refreshToken"))
                .isEqualTo(JsonPieces.of(json, "token", "refreshToken"));
        assertThat(coding.decode(coding.encode(ours, body), ours.length)).isEqualTo(ours);
        return "body";
    }

    private static String rewriteLocation(String location) {
        IssuingLocation issuing = IssuingLocation.recognize(location);
        if (issuing == null) {
            assertThat(location)
                    .doesNotMatch(
                            "https://[a-z.]+/[a-z]*\\?token=[\\w.-]+&refreshToken=[\\w.-]+(&(?!token=)[a-z]+=[a-z0-9]*)*");
            return "nothing";
        }
        String ours = issuing.with(OURS);
        List<String> before = parameters(location);
        List<String> expected = new ArrayList<>();
        for (String parameter : before) {
            String name = parameter.substring(0, parameter.indexOf('=') + 1);
            expected.add(
                    name.equals("token=")
                            ? name + OURS.accessToken()
                            : name.equals("refreshToken=") ? name + OURS.refreshToken() : parameter);
        }
        assertThat(before)
                .filteredOn(parameter -> parameter.startsWith("token="))
                .hasSize(1);
        assertThat(before)
                .filteredOn(parameter -> parameter.startsWith("refreshToken="))
                .hasSize(1);
        assertThat(parameters(ours)).isEqualTo(expected);
        assertThat(delimiters(ours)).isEqualTo(delimiters(location));
        assertThat(beforeParameters(ours)).isEqualTo(beforeParameters(location));
        return "location";
    }

    private static int startOfParameters(String location) {
        int start = 0;
        while (start < location.length() && location.charAt(start) != '?' && location.charAt(start) != '#') {
            start++;
        }
        return start;
    }

    private static String beforeParameters(String location) {
        return location.substring(0, startOfParameters(location));
    }

    private static List<String> parameters(String location) {
        return List.of(location.substring(startOfParameters(location)).split("[?&#]", -1));
    }

    private static String delimiters(String location) {
        return location.replaceAll("[^?&#]", "");
    }

    @Override
    protected String answer(byte[] input) {
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        return switch (input[0]) {
            case 'l' -> rewriteLocation(new String(rest, ISO_8859_1));
            case 'g' -> rewrite(ContentCoding.GZIP, rest);
            case 'd' -> rewrite(ContentCoding.DEFLATE, rest);
            case 'b' -> rewrite(ContentCoding.BROTLI, rest);
            default -> rewrite(ContentCoding.IDENTITY, rest);
        };
    }

    @Override
    protected List<String> answers() {
        return List.of("body", "location", "nothing", "unreadable");
    }

    /** A JSON object's own text around the values of some members; for one that is known to be valid. */
    private static final class JsonPieces {
        private JsonPieces() {}

        static List<String> of(byte[] json, String... names) {
            String text = new String(json, UTF_8);
            List<String> pieces = new ArrayList<>();
            int depth = 0;
            int start = 0;
            int at = 0;
            String lastString = "";
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '"') {
                    int end = endOfString(text, at);
                    lastString = text.substring(at, end);
                    at = end;
                } else {
                    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                    at++;
                    if (c == ':' && depth == 1 && Arrays.asList(names).contains(meaning(lastString))) {
                        while (text.charAt(at) != '"') {
                            at++;
                        }
                        pieces.add(text.substring(start, at));
                        start = endOfString(text, at);
                        at = start;
                    }
                }
            }
            pieces.add(text.substring(start));
            return pieces;
        }

        private static int endOfString(String text, int quote) {
            int at = quote + 1;
            while (text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            return at + 1;
        }

        /** A name may be written with escapes. */
        private static String meaning(String quoted) {
            ObjectNode object = StrictJson.object(("{" + quoted + ":0}").getBytes(UTF_8));
            return object == null ? "" : object.propertyNames().iterator().next();
        }
    }
}
