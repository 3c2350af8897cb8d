package io.portcullis.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What one JSON object in UTF-8 says (RFC 8259), read without the gateway's code: as characters, and into a tree. */
public final class StrictJson {
    private static final int DEPTH_MAX = 64;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /** Null where there is more than one way to read it. */
    public static @Nullable ObjectNode object(byte[] json) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            return MAPPER.readTree(text) instanceof ObjectNode object && !hasHalfACharacter(object) ? object : null;
        } catch (CharacterCodingException | JacksonException e) {
            return null;
        }
    }

    /** In a name: half a surrogate pair, which parsers drop, replace or refuse. */
    private static boolean hasHalfACharacter(JsonNode node) {
        return node.propertyNames().stream().anyMatch(StrictJson::isHalf)
                || node.values().stream().anyMatch(value -> value.isContainer() && hasHalfACharacter(value));
    }

    private static boolean isHalf(String name) {
        return name.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /** The text of a string member that is not blank, else null. */
    public static @Nullable String text(@Nullable ObjectNode object, String name) {
        JsonNode value = object == null ? null : object.get(name);
        return value == null || !value.isString() || value.asString().isBlank() ? null : value.asString();
    }
}
