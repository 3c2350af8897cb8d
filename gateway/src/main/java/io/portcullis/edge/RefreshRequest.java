package io.portcullis.edge;

import io.portcullis.limit.Admission.TooMany;
import io.portcullis.token.JsonMembers;
import io.portcullis.token.JsonMembers.Member;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import tools.jackson.core.JacksonException;

/** A refresh request: the body is a JSON object in UTF-8 with the string member {@code refreshToken}. */
sealed interface RefreshRequest {
    String MEMBER = "refreshToken";
    /** What nearly all clients send, for which no type is taken apart. */
    List<String> PLAIN = List.of("application/json");

    /**
     * There is a token in it.
     *
     * @param body all of it
     */
    record Complete(String refreshToken, ByteBuffer body) implements RefreshRequest {
        @Override
        public String toString() {
            return "Complete";
        }
    }

    /** There is none, or not in a way that every parser would read alike. */
    record Incomplete() implements RefreshRequest {}

    /** The body is over the limit; the rest of it is not read. */
    record TooLarge() implements RefreshRequest {}

    /** The body did not arrive in time. */
    record TooSlow() implements RefreshRequest {}

    /** Its client sends too many; what is in the body was not looked at. */
    record Limited(TooMany by) implements RefreshRequest {}

    static RefreshRequest parse(HttpHeaders headers, byte[] body) {
        if (!isPlainJson(headers)) {
            return new Incomplete();
        }
        try {
            JsonMembers members = JsonMembers.read(body);
            String token = members.string(MEMBER);
            return token == null || token.isBlank() || mayBeRepeated(members)
                    ? new Incomplete()
                    : new Complete(token, ByteBuffer.wrap(body));
        } catch (JacksonException e) {
            return new Incomplete();
        }
    }

    /** Whether another parser would see the member twice: Go's and .NET's ignore the case of names, and C ends them at a NUL. */
    private static boolean mayBeRepeated(JsonMembers members) {
        int times = 0;
        for (Member member : members.all()) {
            String name = member.name();
            boolean isWhole = name.length() == MEMBER.length() || name.indexOf('\0') == MEMBER.length();
            if (isWhole && name.regionMatches(true, 0, MEMBER, 0, MEMBER.length())) {
                times++;
            }
        }
        return times > 1;
    }

    /**
     * Whether every parser would take the body for JSON as it stands. A type that is missing passes: what is in the body decides.
     * Of two types another parser may believe the other one, and in a content coding it may look for another body.
     */
    private static boolean isPlainJson(HttpHeaders headers) {
        if (headers.containsHeader(HttpHeaders.CONTENT_ENCODING)) {
            return false;
        }
        List<String> types = headers.getOrEmpty(HttpHeaders.CONTENT_TYPE);
        if (types.equals(PLAIN)) {
            return true;
        }
        if (types.size() > 1 || types.stream().anyMatch(RefreshRequest::namesTwoCharsets)) {
            return false;
        }
        try {
            MediaType type = headers.getContentType();
            return type == null || isJson(type);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    /** Some believe the first, others the last; and in UTF-7 an object has other members. */
    private static boolean namesTwoCharsets(String type) {
        String folded = type.toLowerCase(Locale.ROOT);
        return folded.indexOf("charset") != folded.lastIndexOf("charset");
    }

    private static boolean isJson(MediaType type) {
        Charset charset = type.getCharset();
        boolean json = type.isCompatibleWith(MediaType.APPLICATION_JSON)
                || (type.getSubtype().endsWith("+json") && type.getType().equals("application"));
        return json && (charset == null || charset.equals(StandardCharsets.UTF_8));
    }
}
