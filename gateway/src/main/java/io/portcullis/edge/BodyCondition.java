package io.portcullis.edge;

import io.portcullis.token.JsonMembers;
import io.portcullis.token.JsonMembers.Member;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What the body of a request must say: {@code status=suspended|removed} is a JSON object whose member {@code status} is one
 * of the two.
 *
 * @param member a name at the top level
 * @param values strings, numbers or booleans, as text
 */
record BodyCondition(String member, Set<String> values) {
    private static final Pattern FORM = Pattern.compile("([\\w-]+)=([\\w.-]+(?:\\|[\\w.-]+)*)");

    /** Whether a body says so. */
    enum Verdict {
        MET,
        NOT_MET,
        /** It is not one strict JSON object, or not known whole. */
        UNREADABLE
    }

    /** @throws IllegalArgumentException if the text is no condition */
    static BodyCondition parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "a condition is 'member=value' or 'member=value|value', not '" + text + "'");
        }
        return new BodyCondition(form.group(1), Set.of(form.group(2).split("\\|")));
    }

    /** @param body null if it is not known whole */
    Verdict judge(byte @Nullable [] body) {
        if (body == null) {
            return Verdict.UNREADABLE;
        }
        try {
            JsonMembers members = JsonMembers.read(body);
            Member found = members.find(member);
            if (found == null) {
                return Verdict.NOT_MET;
            }
            String value = found.text() == null ? members.raw(found) : found.text();
            return values.contains(value) ? Verdict.MET : Verdict.NOT_MET;
        } catch (JacksonException e) {
            return Verdict.UNREADABLE;
        }
    }

    @Override
    public String toString() {
        return member + "=" + String.join("|", values);
    }
}
