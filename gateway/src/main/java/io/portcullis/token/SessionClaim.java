package io.portcullis.token;

import io.portcullis.session.SessionId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The claim {@code sid} of access tokens that nobody has verified. A token is looked for in whatever stands around it and
 * whatever its signature looks like, since a backend may be lenient about either. Its payload is read as strictly as the
 * gateway signs: the signature covers every character of it.
 */
public final class SessionClaim {
    /** {@code {"sid":"44 characters"}} in base64url. */
    private static final int SHORTEST = 72;
    /** How an object with a member begins in base64url. */
    private static final String OBJECT = "ey";

    private SessionClaim() {}

    /**
     * The sessions that tokens in a text name.
     *
     * @param text e.g. the value of {@code Authorization}
     */
    public static List<SessionId> in(String text) {
        List<SessionId> sessions = new ArrayList<>(1);
        int dot = text.indexOf('.');
        while (dot >= 0) {
            // a payload stands between two dots
            int end = endOfBase64(text, dot + 1);
            boolean closed = end < text.length() && text.charAt(end) == '.';
            if (closed && end - dot > SHORTEST && text.startsWith(OBJECT, dot + 1)) {
                SessionId session = ofPayload(text.substring(dot + 1, end));
                if (session != null) {
                    sessions.add(session);
                }
            }
            dot = text.indexOf('.', end);
        }
        return sessions;
    }

    private static int endOfBase64(String text, int start) {
        int end = start;
        while (end < text.length() && isBase64(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isBase64(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }

    private static @Nullable SessionId ofPayload(String payload) {
        try {
            String sid =
                    JsonMembers.read(Base64.getUrlDecoder().decode(payload)).string("sid");
            return sid == null || !SessionId.isValid(sid) ? null : new SessionId(sid);
        } catch (IllegalArgumentException | JacksonException e) {
            return null;
        }
    }
}
