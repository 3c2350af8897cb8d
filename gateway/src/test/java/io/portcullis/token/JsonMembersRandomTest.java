package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Random objects with random spaces, escapes and multi-byte text: the offsets are exact. */
class JsonMembersRandomTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int OBJECTS = 1_000;

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** One member as it is written, and what its name means. */
    private record Written(String name, String rawName, String rawValue, String text) {}

    @Test
    void everyMemberIsFoundWhereItStands() {
        for (int i = 0; i < OBJECTS; i++) {
            List<Written> written = members();
            byte[] json = object(written).getBytes(StandardCharsets.UTF_8);

            JsonMembers members = JsonMembers.read(json);

            for (Written member : written) {
                Member found = members.find(member.name);
                String where = "seed " + seed + ", object " + i;
                assertThat(found).as(where).isNotNull();
                assertThat(members.raw(found)).as(where).isEqualTo(member.rawValue);
                assertThat(slice(json, found.start(), found.end())).as(where).isEqualTo(member.text);
                assertThat(slice(json, found.valueStart(), found.end()))
                        .as(where)
                        .isEqualTo(member.rawValue);
            }
        }
    }

    @Test
    void replacingByOffsetsChangesNothingElse() {
        for (int i = 0; i < OBJECTS; i++) {
            List<Written> written = members();
            int changed = random.nextInt(written.size());
            Written before = written.get(changed);
            List<String> parts = parts(written);
            byte[] json = String.join("", parts).getBytes(StandardCharsets.UTF_8);
            Member found = JsonMembers.read(json).find(before.name);

            String replaced = slice(json, 0, found.valueStart()) + "\"new\"" + slice(json, found.end(), json.length);

            String nameAndColon = before.text.substring(0, before.text.length() - before.rawValue.length());
            parts.set(2 * changed + 1, nameAndColon + "\"new\"");
            assertThat(replaced).as("seed %d, object %d", seed, i).isEqualTo(String.join("", parts));
        }
    }

    @Test
    @SecurityLine(35)
    void withoutLeavesWhatAnotherParserWouldLeave() {
        for (int i = 0; i < OBJECTS; i++) {
            List<Written> written = members();
            String json = object(written);
            Set<String> names = written.stream()
                    .map(Written::name)
                    .filter(name -> random.nextBoolean())
                    .collect(Collectors.toSet());
            JsonMembers members = JsonMembers.read(json.getBytes(StandardCharsets.UTF_8));

            String without = members.without(names);

            JsonNode expected = JSON.readTree(json);
            ((ObjectNode) expected).remove(names);
            assertThat(JSON.readTree(without)).as("seed %d, %s", seed, json).isEqualTo(expected);
            assertThat(without)
                    .as("seed %d, %s", seed, json)
                    .isEqualTo(written.stream()
                            .filter(member -> !names.contains(member.name))
                            .map(Written::text)
                            .collect(Collectors.joining(",", "{", "}")));
        }
    }

    private static String slice(byte[] bytes, int from, int to) {
        return new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.UTF_8);
    }

    private List<Written> members() {
        List<Written> members = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String rawName = string();
            String name = JSON.readTree(rawName).asString();
            if (names.add(name)) {
                String value = value(0);
                members.add(new Written(name, rawName, value, rawName + space() + ':' + space() + value));
            }
        }
        return members;
    }

    private String object(List<Written> members) {
        return String.join("", parts(members));
    }

    /** The texts of the members at the odd indexes, and what stands between them. */
    private List<String> parts(List<Written> members) {
        List<String> parts = new ArrayList<>();
        for (Written member : members) {
            parts.add(space() + (parts.isEmpty() ? '{' : ',') + space());
            parts.add(member.text);
        }
        parts.add(space() + '}' + space());
        return parts;
    }

    private String value(int depth) {
        switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0:
                return number();
            case 1:
                return "true";
            case 2:
                return "null";
            case 3, 4:
                return string();
            case 5:
                return array(depth);
            default:
                return object(depth);
        }
    }

    private String array(int depth) {
        List<String> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.add(space() + value(depth + 1) + space());
        }
        return '[' + String.join(",", values) + (values.isEmpty() ? space() : "") + ']';
    }

    private String object(int depth) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            members.add(space() + "\"" + i + "\"" + space() + ':' + space() + value(depth + 1) + space());
        }
        return '{' + String.join(",", members) + (members.isEmpty() ? space() : "") + '}';
    }

    private String number() {
        String integer =
                random.nextInt(4) == 0 ? "0" : Long.toString(Math.abs(random.nextLong() >> random.nextInt(63)));
        String fraction = random.nextBoolean() ? "" : "." + random.nextInt(1000) + "0";
        String exponent = random.nextInt(3) > 0 ? "" : "eE".charAt(random.nextInt(2)) + "+" + random.nextInt(40);
        return (random.nextBoolean() ? "-" : "") + integer + fraction + exponent;
    }

    private String string() {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 400 : 12); i > 0; i--) {
            text.append(character());
        }
        return text.append('"').toString();
    }

    private String character() {
        int codePoint = switch (random.nextInt(6)) {
            case 0 -> 0x80 + random.nextInt(0x700);
            case 1 -> 0x4E00 + random.nextInt(0x1000);
            case 2 -> 0x1F300 + random.nextInt(0x200);
            default -> 0x20 + random.nextInt(0x5F);
        };
        if (codePoint == '"' || codePoint == '\\' || random.nextInt(8) == 0) {
            return escaped(codePoint);
        }
        return Character.toString(codePoint);
    }

    private String escaped(int codePoint) {
        if (random.nextBoolean()) {
            List<String> shortForms = List.of("\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t");
            return shortForms.get(random.nextInt(shortForms.size()));
        }
        StringBuilder escape = new StringBuilder();
        for (char unit : Character.toChars(codePoint)) {
            escape.append(String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) unit));
        }
        return escape.toString();
    }

    private String space() {
        StringBuilder space = new StringBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            space.append(" \t\r\n".charAt(random.nextInt(4)));
        }
        return space.toString();
    }
}
