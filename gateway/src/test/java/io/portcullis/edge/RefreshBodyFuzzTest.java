package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.edge.RefreshRequest.Complete;
import io.portcullis.edge.RefreshRequest.Incomplete;
import io.portcullis.fuzz.FuzzContract;
import io.portcullis.fuzz.LenientJson;
import io.portcullis.fuzz.StrictJson;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.node.ObjectNode;

/** Bodies of refresh requests. An input is a line with the {@code Content-Type}, or nothing, and the body. */
public final class RefreshBodyFuzzTest extends FuzzContract {
    private static final String MEMBER = "refreshToken";

    private static final Set<String> CLIENTS_TYPES =
            Set.of("", "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8");

    private static final Pattern JSON_TYPE =
            Pattern.compile("(?is)\\s*(\\*|\\*/\\*|application/(json|\\*|[^\\s;,/]*\\+json))\\s*(;.*)?");

    private static final Pattern OTHER_CHARSET = Pattern.compile("(?i);\\s*charset=(?!\\s*\"?utf-?8\"?\\s*(;|$))");

    RefreshBodyFuzzTest() {
        super("refresh-body", RefreshBodyFuzzTest::fuzzerTestOneInput);
    }

    /** By Jazzer's name. */
    public static void fuzzerTestOneInput(byte[] input) {
        String type = type(input);
        byte[] body = body(input);

        RefreshRequest read = read(type, body);

        ObjectNode object = StrictJson.object(body);
        String token = object == null || isAmbiguous(object) ? null : StrictJson.text(object, MEMBER);
        if (type.chars().anyMatch(c -> c < ' ' && c != '\t')) {
            // no field has such a character (RFC 9110, 5.5): it is enough that nothing falls over it
            return;
        }
        if (read instanceof Complete complete) {
            assertThat(complete.refreshToken()).isEqualTo(token);
            assertThat(complete.body().array()).isSameAs(body);
            assertThat(type.isEmpty() || JSON_TYPE.matcher(type).matches())
                    .as(type)
                    .isTrue();
            assertThat(type).doesNotContainPattern(OTHER_CHARSET);
            assertThat(LenientJson.readings(body, MEMBER)).containsExactly(token);
        } else {
            assertThat(read).isEqualTo(new Incomplete());
            assertThat(token != null && CLIENTS_TYPES.contains(type)).isFalse();
        }
    }

    /** To a parser that ignores the case of names, or ends them at a NUL. */
    private static boolean isAmbiguous(ObjectNode object) {
        return object.propertyNames().stream()
                        .filter(name -> name.split("\0", 2)[0].equalsIgnoreCase(MEMBER))
                        .count()
                > 1;
    }

    private static RefreshRequest read(String type, byte[] body) {
        HttpHeaders headers = new HttpHeaders();
        if (!type.isEmpty()) {
            headers.set(HttpHeaders.CONTENT_TYPE, type);
        }
        return RefreshRequest.parse(headers, body);
    }

    private static int endOfLine(byte[] input) {
        int end = 0;
        while (end < input.length && input[end] != '\n') {
            end++;
        }
        return end;
    }

    private static String type(byte[] input) {
        return new String(input, 0, endOfLine(input), ISO_8859_1);
    }

    private static byte[] body(byte[] input) {
        return Arrays.copyOfRange(input, Math.min(endOfLine(input) + 1, input.length), input.length);
    }

    @Override
    protected String answer(byte[] input) {
        return read(type(input), body(input)).getClass().getSimpleName();
    }

    @Override
    protected List<String> answers() {
        return List.of("Complete", "Incomplete");
    }
}
