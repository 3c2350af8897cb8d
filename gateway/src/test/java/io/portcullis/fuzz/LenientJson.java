package io.portcullis.fuzz;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** What parsers that forgive see as the text of a member: of two with that name the first or the last, in any case, cut at a NUL. */
public final class LenientJson {
    private static final JsonFactory LENIENT = lenient();

    private LenientJson() {}

    private static JsonFactory lenient() {
        return JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .enable(JsonReadFeature.ALLOW_YAML_COMMENTS)
                .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                .enable(JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES)
                .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
                .enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(JsonReadFeature.ALLOW_MISSING_VALUES)
                .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                .build();
    }

    /** All that those see who compare names by their letters; those that see none say nothing. */
    public static Set<String> exactReadings(byte[] json, String name) {
        String text = new String(json, StandardCharsets.UTF_8);
        Set<String> readings = new LinkedHashSet<>();
        add(readings, member(text, name, String::equals, true));
        add(readings, member(text, name, String::equals, false));
        add(readings, gson(text, name));
        add(readings, nimbus(text, name));
        return readings;
    }

    /** All that anybody sees; those that see none say nothing. */
    public static Set<String> readings(byte[] json, String name) {
        String text = new String(json, StandardCharsets.UTF_8);
        Set<String> readings = exactReadings(json, name);
        // Go's encoding/json and .NET's System.Text.Json take the last one in any case
        add(readings, member(text, name, String::equalsIgnoreCase, false));
        // cJSON takes the first one in any case, and C's strings end at a NUL
        add(readings, member(text, name, LenientJson::equalsInC, true));
        return readings;
    }

    private static void add(Set<String> readings, @Nullable String reading) {
        if (reading != null) {
            readings.add(reading);
        }
    }

    private static boolean equalsInC(String one, String other) {
        int nul = one.indexOf('\0');
        return (nul < 0 ? one : one.substring(0, nul)).equalsIgnoreCase(other);
    }

    private static @Nullable String member(String json, String name, BiPredicate<String, String> same, boolean first) {
        String found = null;
        try (var parser = LENIENT.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean here = same.test(parser.currentName(), name);
                if (parser.nextToken() == JsonToken.VALUE_STRING && here && !(first && found != null)) {
                    found = parser.getString();
                }
                parser.skipChildren();
            }
        } catch (JacksonException e) {
            // some have what they want by then
            return first ? found : null;
        }
        return found;
    }

    private static @Nullable String gson(String json, String name) {
        try {
            return JsonParser.parseString(json) instanceof JsonObject object
                            && object.get(name) instanceof com.google.gson.JsonPrimitive value
                            && value.isString()
                    ? value.getAsString()
                    : null;
        } catch (JsonParseException | StackOverflowError e) {
            return null;
        }
    }

    private static @Nullable String nimbus(String json, String name) {
        try {
            return JSONObjectUtils.parse(json).get(name) instanceof String value ? value : null;
        } catch (ParseException | StackOverflowError e) {
            return null;
        }
    }
}
