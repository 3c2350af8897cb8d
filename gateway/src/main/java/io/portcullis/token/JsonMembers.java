package io.portcullis.token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * The members of one JSON object and where they stand in its bytes, so that one can be replaced and the others kept as
 * they were written: {@code 1.50} stays {@code 1.50}. Strict: UTF-8 without a byte-order mark, no duplicate names, nothing
 * behind the object.
 */
public final class JsonMembers {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // the buffers that it has for each thread: a pool of all threads' is contended for at every token
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();

    private final byte[] json;
    private final List<Member> members;

    private JsonMembers(byte[] json, List<Member> members) {
        this.json = json;
        this.members = members;
    }

    /**
     * One member; offsets count bytes.
     *
     * @param start of its name's quote
     * @param valueStart of its value
     * @param end behind its value
     * @param text the value where it is a string, else null
     */
    public record Member(
            String name,
            int start,
            int valueStart,
            int end,
            JsonToken type,
            @Nullable String text) {
        /** Without its value, which may be somebody's e-mail address or a token. */
        @Override
        public String toString() {
            return "Member[" + name + "]";
        }
    }

    /**
     * Reads an object.
     *
     * @throws JacksonException if this is not one strict JSON object
     */
    public static JsonMembers read(byte[] json) {
        // Jackson guesses UTF-16 and skips byte-order marks: another parser may not
        if (json.length < 2 || json[0] < 0 || json[0] == 0 || json[1] == 0) {
            throw new StreamReadException(null, "not an object in UTF-8");
        }
        // it lets overlong forms and lone surrogates pass, and does not look at the bytes of values that it skips
        if (!Utf8.isValid(json)) {
            throw new StreamReadException(null, "not UTF-8");
        }
        List<Member> members = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new StreamReadException(parser, "not an object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                int start = (int) parser.currentTokenLocation().getByteOffset();
                JsonToken type = parser.nextToken();
                int valueStart = (int) parser.currentTokenLocation().getByteOffset();
                String text = type == JsonToken.VALUE_STRING ? parser.getString() : null;
                parser.skipChildren();
                parser.finishToken();
                int end = (int) parser.currentLocation().getByteOffset();
                members.add(new Member(name, start, valueStart, end, type, text));
            }
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "something behind the object");
            }
        }
        return new JsonMembers(json, members);
    }

    /** The members, in their order. */
    public List<Member> all() {
        return List.copyOf(members);
    }

    /** The member of that name, or null. */
    public @Nullable Member find(String name) {
        for (Member member : members) {
            if (member.name().equals(name)) {
                return member;
            }
        }
        return null;
    }

    /** The text of the string member of that name; null if there is none, or its value is no string. */
    public @Nullable String string(String name) {
        Member member = find(name);
        return member == null ? null : member.text();
    }

    /**
     * The value of the integer member of that name.
     *
     * @throws StreamReadException if there is none, or it is no integer of 64 bits
     */
    public long integer(String name) {
        Member member = find(name);
        if (member == null || member.type() != JsonToken.VALUE_NUMBER_INT) {
            throw new StreamReadException(null, "no integer " + name);
        }
        try {
            return Long.parseLong(raw(member));
        } catch (NumberFormatException e) {
            throw new StreamReadException(null, "no 64-bit integer " + name, e);
        }
    }

    /** The member's value as it is written. */
    public String raw(Member member) {
        return new String(json, member.valueStart(), member.end() - member.valueStart(), StandardCharsets.UTF_8);
    }

    /** The object again without the members of those names, each of the others as it is written. */
    public String without(Set<String> names) {
        StringBuilder object = new StringBuilder(json.length).append('{');
        for (Member member : members) {
            if (!names.contains(member.name())) {
                if (object.length() > 1) {
                    object.append(',');
                }
                object.append(new String(json, member.start(), member.end() - member.start(), StandardCharsets.UTF_8));
            }
        }
        return object.append('}').toString();
    }
}
