package io.portcullis.token;

import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonToken;

/**
 * What a token must say to be taken for one of its kind.
 *
 * @param values by the claim's name: the exact value, or {@link #ANY}
 */
public record RequiredClaims(Map<String, String> values) {
    /** As the value of a required claim: any value will do. */
    public static final String ANY = "*";

    public RequiredClaims {
        values = Map.copyOf(values);
    }

    /**
     * Whether a token's claims, a JSON object, say it all.
     *
     * @throws tools.jackson.core.JacksonException if this is not one strict JSON object
     */
    public boolean hold(String claims) {
        return hold(JsonMembers.read(claims.getBytes(StandardCharsets.UTF_8)));
    }

    boolean hold(JsonMembers claims) {
        return values.entrySet().stream().allMatch(required -> has(claims, required.getKey(), required.getValue()));
    }

    /** Whether one token can say all that both require. */
    public boolean canHoldWith(RequiredClaims other) {
        return values.entrySet().stream().allMatch(required -> {
            String value = required.getValue();
            String others = other.values.getOrDefault(required.getKey(), ANY);
            return value.equals(ANY) || others.equals(ANY) || value.equals(others);
        });
    }

    /** The names of those with an exact value. */
    Set<String> exact() {
        Set<String> names = new HashSet<>(values.keySet());
        names.removeIf(name -> ANY.equals(values.get(name)));
        return names;
    }

    private static boolean has(JsonMembers claims, String name, String value) {
        Member claim = claims.find(name);
        if (claim == null || claim.type() == JsonToken.VALUE_NULL) {
            return false;
        }
        return value.equals(ANY) || value.equals(claim.text() == null ? claims.raw(claim) : claim.text());
    }
}
