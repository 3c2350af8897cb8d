package io.portcullis.edge;

import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.net.http.HttpResponse;
import java.time.Instant;

/** The two tokens of one login that went through the gateway. */
record Login(String accessToken, String refreshToken) {
    private static final int USUAL_SECONDS = 1800;

    /** Logs in at a path that opens sessions. */
    static Login at(TestGateway gateway, RawBackend backend, String path, String subject) {
        return withLifetime(gateway, backend, path, subject, USUAL_SECONDS);
    }

    /** The backend gives the access token that life. */
    static Login withLifetime(TestGateway gateway, RawBackend backend, String path, String subject, long seconds) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                gateway.keys().accessTokenKey(),
                "{\"sub\":\"" + subject + "\",\"iat\":" + now + ",\"exp\":" + (now + seconds) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
        HttpResponse<String> login = gateway.post(path, "{}");
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        backend.take();
        return new Login(Tokens.accessToken(login), Tokens.refreshToken(login));
    }

    String sid() {
        return Tokens.claims(accessToken).get("sid").asString();
    }
}
