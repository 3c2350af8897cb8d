package io.portcullis.soak;

import io.portcullis.Tokens;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tokens of a session that a client has.
 *
 * @param subject with its realm
 * @param accessExpires seconds since the epoch
 */
record Held(
        String realm,
        String subject,
        String session,
        long generation,
        String refreshToken,
        String accessToken,
        long accessExpires) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Those of an answer that issued or refreshed them; the session is empty where they are the backend's own. */
    static Held of(String realm, String body) {
        JsonNode answer = JSON.readTree(body);
        String accessToken = answer.get("token").asString();
        String refreshToken = answer.get("refreshToken").asString();
        JsonNode access = Tokens.claims(accessToken);
        return new Held(
                realm,
                access.get("sub").asString(),
                access.path("sid").asString(""),
                Tokens.claims(refreshToken).path("gen").asLong(0),
                refreshToken,
                accessToken,
                access.get("exp").asLong());
    }

    boolean mayHaveExpired() {
        return Instant.now().getEpochSecond() >= accessExpires - 1;
    }
}
