package io.portcullis.token;

import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** What an operator wants changed in the access tokens of a subject: a small JSON object. */
public sealed interface ClaimsToChange {
    /** The largest object, in bytes: it travels in every token from then on. */
    int BYTES_MAX = 2_048;

    /**
     * Claims that may be changed.
     *
     * @param values in JSON, as they were written, by their names; {@code null} takes a claim away
     */
    record Changeable(Map<String, String> values) implements ClaimsToChange {
        @Override
        public String toString() {
            return "Changeable" + values.keySet();
        }
    }

    /** Claims that may not be changed, or none; and why. */
    record Unchangeable(String problem) implements ClaimsToChange {}

    /** Reads the object. */
    static ClaimsToChange read(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > BYTES_MAX) {
            return new Unchangeable("claims are more than " + BYTES_MAX + " bytes");
        }
        Map<String, String> values = new LinkedHashMap<>();
        try {
            JsonMembers members = JsonMembers.read(bytes);
            for (Member member : members.all()) {
                if (!Names.PATTERN.matcher(member.name()).matches()) {
                    return new Unchangeable("a claim's name is letters, digits, _ - . : and /, at most 64");
                }
                if (Names.FIXED.contains(member.name())) {
                    return new Unchangeable("the claim " + member.name() + " cannot be changed");
                }
                values.put(member.name(), members.raw(member));
            }
        } catch (JacksonException e) {
            return new Unchangeable("claims are not a JSON object");
        }
        return values.isEmpty() ? new Unchangeable("claims are empty") : new Changeable(values);
    }

    /** Which claims there are. */
    final class Names {
        private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9_.:/-]{1,64}");
        /** Whose the token is, of which session, for whom and for how long. */
        private static final Set<String> FIXED =
                Set.of("sub", "id", "sid", "iss", "aud", "iat", "exp", "nbf", "jti", "auth_time");

        private Names() {}
    }
}
