package io.portcullis.operations;

import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.net.http.HttpResponse;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Logins through a gateway, in front of a backend that lets anybody in. */
record Logins(TestGateway gateway, RawBackend backend) {

    /** The two tokens that the client got. */
    record Login(String accessToken, String refreshToken) {
        String sid() {
            return claims().get("sid").asString();
        }

        JsonNode claims() {
            return Tokens.claims(accessToken);
        }
    }

    Login app(String subject) {
        return app(subject, "");
    }

    /**
     * A login in the realm {@code app}.
     *
     * @param more claims of the access token, behind a comma
     */
    Login app(String subject, String more) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                gateway.keys().accessTokenKey(),
                "{\"sub\":\"" + subject + "\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + more + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
        return pair(gateway.post("/api/auth/local/login", "{}"));
    }

    Login refreshed(Login login) {
        return pair(gateway.refresh(login.refreshToken()));
    }

    boolean lives(Login login) {
        return gateway.refresh(login.refreshToken()).statusCode() == 200;
    }

    private static Login pair(HttpResponse<String> answer) {
        return new Login(Tokens.accessToken(answer), Tokens.refreshToken(answer));
    }
}
