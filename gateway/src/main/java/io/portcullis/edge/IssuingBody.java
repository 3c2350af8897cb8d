package io.portcullis.edge;

import io.portcullis.token.JsonMembers;
import io.portcullis.token.JsonMembers.Member;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A JSON body that issues a session: the string members {@code token} and {@code refreshToken} stand at the top level.
 */
final class IssuingBody {
    private final byte[] json;
    private final Member token;
    private final String accessToken;
    private final Member refreshToken;

    private IssuingBody(byte[] json, Member token, String accessToken, Member refreshToken) {
        this.json = json;
        this.token = token;
        this.accessToken = accessToken;
        this.refreshToken = refreshToken;
    }

    /** Null if the body issues no session. */
    static @Nullable IssuingBody recognize(byte[] json) {
        try {
            JsonMembers members = JsonMembers.read(json);
            Member token = members.find("token");
            Member refreshToken = members.find("refreshToken");
            if (token == null || token.text() == null || token.text().isBlank()) {
                return null;
            }
            if (refreshToken == null
                    || refreshToken.text() == null
                    || refreshToken.text().isBlank()) {
                return null;
            }
            return new IssuingBody(json, token, token.text(), refreshToken);
        } catch (JacksonException e) {
            return null;
        }
    }

    String accessToken() {
        return accessToken;
    }

    /** The same bytes with other tokens in the places of the two. */
    byte[] with(TokenPair tokens) {
        boolean inOrder = token.start() < refreshToken.start();
        Member first = inOrder ? token : refreshToken;
        Member second = inOrder ? refreshToken : token;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length + 1024);
        bytes.write(json, 0, first.valueStart());
        bytes.writeBytes(quoted(inOrder ? tokens.accessToken() : tokens.refreshToken()));
        bytes.write(json, first.end(), second.valueStart() - first.end());
        bytes.writeBytes(quoted(inOrder ? tokens.refreshToken() : tokens.accessToken()));
        bytes.write(json, second.end(), json.length - second.end());
        return bytes.toByteArray();
    }

    private static byte[] quoted(String compactJws) {
        return ('"' + compactJws + '"').getBytes(StandardCharsets.US_ASCII);
    }
}
