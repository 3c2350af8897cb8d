package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portcullis.SecurityLine;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

class JsonMembersTest {

    private static JsonMembers read(String json) {
        return JsonMembers.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.50",
                "12345678901234567",
                "-0",
                "-0.0",
                "1E400",
                "123456789012345678901234567890.10",
                "true",
                "false",
                "null",
                "\"\"",
                "\"\\u0041\\/\\n\"",
                "\"Zoë 漢🦊\"",
                "{}",
                "[ ]",
                "{ \"a\" : [ 1 , { \"b\":2.0 } ] }",
                "[\"]\",\"}\",\"\\\"\"]"
            })
    void valueIsReadAsItIsWritten(String value) {
        for (String format :
                new String[] {"{\"a\":%s}", "{\"a\":%s,\"z\":0}", " { \"y\" : 1 ,\n\t\"a\" \r:  %s  } \n"}) {
            JsonMembers members = read(format.formatted(value));

            assertThat(members.raw(members.find("a"))).as(format).isEqualTo(value);
        }
    }

    @Test
    void offsetsCountBytes() {
        String json = "{\"é漢🦊\":\"漢\", \"b\" : 1}";
        JsonMembers members = read(json);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

        Member first = members.find("é漢🦊");
        Member second = members.find("b");

        assertThat(text(bytes, first.start(), first.end())).isEqualTo("\"é漢🦊\":\"漢\"");
        assertThat(text(bytes, first.valueStart(), first.end())).isEqualTo("\"漢\"");
        assertThat(text(bytes, second.start(), second.end())).isEqualTo("\"b\" : 1");
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.UTF_8);
    }

    @Test
    void membersAreFoundByTheNameThatTheirEscapesMean() {
        JsonMembers members = read("{\"s\\u0075b\":\"\\u0061da\",\"Sub\":\"x\"}");

        assertThat(members.string("sub")).isEqualTo("ada");
        assertThat(members.without(Set.of("sub"))).isEqualTo("{\"Sub\":\"x\"}");
        assertThat(members.without(Set.of("Sub"))).isEqualTo("{\"s\\u0075b\":\"\\u0061da\"}");
        assertThat(members.find("s\\u0075b")).isNull();
    }

    @Test
    void onlyStringsAreStrings() {
        JsonMembers members = read("{\"a\":\"\",\"b\":1,\"c\":null,\"d\":[\"x\"],\"e\":{\"a\":\"x\"},\"f\":true}");

        assertThat(members.string("a")).isEmpty();
        assertThat(Stream.of("b", "c", "d", "e", "f", "g").map(members::string)).containsOnlyNulls();
        assertThat(members.find("c").type()).isEqualTo(JsonToken.VALUE_NULL);
        assertThat(members.find("e").type()).isEqualTo(JsonToken.START_OBJECT);
    }

    @Test
    void onlyIntegersOf64BitsAreIntegers() {
        JsonMembers members =
                read("{\"max\":9223372036854775807,\"min\":-9223372036854775808,\"over\":9223372036854775808,"
                        + "\"fraction\":1.0,\"exponent\":1e3,\"string\":\"1\",\"null\":null}");

        assertThat(members.integer("max")).isEqualTo(Long.MAX_VALUE);
        assertThat(members.integer("min")).isEqualTo(Long.MIN_VALUE);
        for (String name : new String[] {"over", "fraction", "exponent", "string", "null", "missing"}) {
            assertThatThrownBy(() -> members.integer(name)).as(name).isInstanceOf(JacksonException.class);
        }
    }

    @Test
    void membersOfNestedObjectsAreNotMembers() {
        JsonMembers members = read("{\"user\":{\"token\":\"a\",\"x\":[{\"token\":\"b\"}]},\"token\":\"c\"}");

        assertThat(members.string("token")).isEqualTo("c");
    }

    @Test
    void withoutKeepsTheOthersAndTheirOrder() {
        JsonMembers members = read("{ \"a\" : 1.50 , \"b\":2,\"c\" :{ \"b\" : 3 } }");

        assertThat(members.without(Set.of())).isEqualTo("{\"a\" : 1.50,\"b\":2,\"c\" :{ \"b\" : 3 }}");
        assertThat(members.without(Set.of("b"))).isEqualTo("{\"a\" : 1.50,\"c\" :{ \"b\" : 3 }}");
        assertThat(members.without(Set.of("a", "b", "c", "d"))).isEqualTo("{}");
        assertThat(read("{}").without(Set.of("a"))).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[]",
                "null",
                "\"a\"",
                "1",
                "{}{}",
                "{} x",
                "{}]",
                "{},",
                "{\"a\":1",
                "{\"a\":1,}",
                "{,\"a\":1}",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":'b'}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":0x1}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"b}",
                "{/**/\"a\":1}",
                "{\"a\":1}//",
                "#\n{}",
                "{\"a\":1;\"b\":2}",
                "{\"a\":True}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1}\u0000"
            })
    void textThatIsNotOneStrictObjectIsRefused(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(JacksonException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"b\":2,\"a\":1}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"\":1,\"\":2}",
                "{\"x\":{\"a\":1,\"a\":2}}",
                "{\"x\":[{\"a\":1,\"a\":2}]}"
            })
    void duplicateNamesAreRefused(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(JacksonException.class);
    }

    @Test
    void onlyUtf8WithoutAMarkIsRead() {
        String json = " {\"a\":\"é\"} ";
        assertThat(read(json).string("a")).isEqualTo("é");

        for (String charset : new String[] {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "ISO-8859-1"}) {
            assertThatThrownBy(() -> JsonMembers.read(json.getBytes(Charset.forName(charset))))
                    .as(charset)
                    .isInstanceOf(JacksonException.class);
        }
        assertThatThrownBy(() -> read('\uFEFF' + json)).isInstanceOf(JacksonException.class);
    }

    static Stream<byte[]> invalidUtf8() {
        return Stream.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0x80},
                new byte[] {(byte) 0xc3},
                new byte[] {(byte) 0xc3, (byte) 0x28},
                // longer than needed: 'a', '/', NUL
                new byte[] {(byte) 0xc1, (byte) 0xa1},
                new byte[] {(byte) 0xe0, (byte) 0x80, (byte) 0xaf},
                new byte[] {(byte) 0xc0, (byte) 0x80},
                // half a surrogate pair
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0xbd},
                // behind the last code point
                new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80});
    }

    @ParameterizedTest
    @MethodSource("invalidUtf8")
    void invalidUtf8IsRefusedWhereverItStands(byte[] invalid) {
        String hole = "\u0001";
        for (String json : new String[] {
            "{\"\u0001\":1}", "{\"a\":\"\u0001\"}", "{\"a\":[\"\u0001\"]}", "{\"a\":{\"\u0001\":1}}", "{\"a\":1}\u0001"
        }) {
            String bytes = json.replace(hole, new String(invalid, StandardCharsets.ISO_8859_1));

            assertThatThrownBy(() -> JsonMembers.read(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(json)
                    .isInstanceOf(JacksonException.class);
        }
    }

    @Test
    @SecurityLine(30)
    void deepNestingIsRefused() {
        assertThat(read("{\"a\":" + "[".repeat(60) + "]".repeat(60) + "}").find("a"))
                .isNotNull();

        for (int depth : new int[] {64, 100_000}) {
            assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}"))
                    .isInstanceOf(JacksonException.class);
            assertThatThrownBy(() -> read("{\"a\":".repeat(depth + 1))).isInstanceOf(JacksonException.class);
        }
    }
}
