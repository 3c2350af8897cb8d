package io.portcullis.token;

import io.portcullis.session.ChangedClaims;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JsonToken;

/**
 * What every access token of a session has in common, as its backend wrote it when the session was opened, and as operators
 * changed it since.
 *
 * @param header the JOSE header, a JSON object
 * @param claims the claims without {@code iat}, {@code exp} and {@code sid}, a JSON object
 */
public record AccessTemplate(String header, String claims) {

    /** The same with those claims: behind the others and as they are written, without those that are {@code null}. */
    public AccessTemplate with(ChangedClaims changed) {
        if (changed.equals(ChangedClaims.NONE)) {
            return this;
        }
        JsonMembers changes = JsonMembers.read(changed.json().getBytes(StandardCharsets.UTF_8));
        Set<String> names = new HashSet<>();
        Set<String> removed = new HashSet<>();
        for (Member change : changes.all()) {
            names.add(change.name());
            if (change.type() == JsonToken.VALUE_NULL) {
                removed.add(change.name());
            }
        }
        String kept = JsonMembers.read(claims.getBytes(StandardCharsets.UTF_8)).without(names);
        String added = changes.without(removed);
        return new AccessTemplate(header, joined(kept, added));
    }

    private static String joined(String object, String other) {
        String separator = object.length() > 2 && other.length() > 2 ? "," : "";
        return object.substring(0, object.length() - 1) + separator + other.substring(1);
    }

    @Override
    public String toString() {
        return "AccessTemplate";
    }
}
