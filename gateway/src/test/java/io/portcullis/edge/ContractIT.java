package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every line of contract.md, 2 and 3, with {@code config/routes.yml} as it stands. */
class ContractIT {
    @AutoClose
    private static final GatewayFixture<RawBackend> FIXTURE = GatewayFixture.beforeRawBackend();

    private static final TestGateway gateway = FIXTURE.gateway();
    private static final RawBackend backend = FIXTURE.backend();

    /** A line of the table of issuing answers that are JSON. */
    private record Issuing(String path, String realm, int status, String expiresIn) {
        private Issuing withSlash() {
            return new Issuing(path + "/", realm, status, expiresIn);
        }
    }

    private static Stream<Issuing> issuing() {
        return Stream.of(
                        new Issuing("/api/auth/login", "dashboard", 200, "1800"),
                        new Issuing("/api/auth/register", "dashboard", 201, "1800"),
                        new Issuing("/api/auth/accept-invite", "dashboard", 201, "1800"),
                        new Issuing("/api/auth/local/login", "app", 200, "1800"),
                        new Issuing("/api/auth/local/login", "app", 200, "86400"),
                        new Issuing("/api/auth/local/register", "app", 201, "1800"),
                        new Issuing("/api/auth/local/signup/editor", "app", 201, "1800"),
                        new Issuing("/api/auth/magic-link/verify", "app", 200, "1800"),
                        new Issuing("/api/auth/otp/verify", "app", 200, "1800"),
                        new Issuing("/api/auth/anonymous", "app", 200, "86400"),
                        new Issuing("/api/auth/anonymous/convert", "app", 200, "1800"))
                .flatMap(line -> Stream.of(line, line.withSlash()));
    }

    private static String accessToken(String subject) {
        long now = Instant.now().getEpochSecond();
        return Tokens.sign(
                FIXTURE.keys().accessTokenKey(),
                "{\"sub\":\"" + subject + "\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
    }

    private static void answerWith(int status, String json) {
        backend.answerWith("HTTP/1.1 " + status + " X\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json);
    }

    private static HttpResponse<String> call(String method, String path, String... headers) {
        HttpResponse<String> answer = gateway.send(gateway.request(path, headers)
                .method(
                        method,
                        method.equals("GET")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString("{\"status\":\"suspended\"}")));
        assertThat(backend.take().line()).isEqualTo(method + " " + path + " HTTP/1.1");
        return answer;
    }

    private static String realmOf(String refreshToken) {
        return Tokens.claims(refreshToken).get("aud").toString().replaceAll("[\\[\\]\"]", "");
    }

    @ParameterizedTest
    @MethodSource("issuing")
    void anIssuingAnswerOpensASessionInItsRealmAndKeepsEveryOtherByte(Issuing line) {
        String token = accessToken("usr_1");
        String json = "{ \"message\":\"ok\",\"token\":\"" + token + "\", \"refreshToken\":\"theirs\",\"expiresIn\": "
                + line.expiresIn() + ",\"user\":{\"id\":\"usr_1\",\"n\":1.50,\"isAnonymous\":true} ,\"more\":[1, 2]}\n";
        answerWith(line.status(), json);

        HttpResponse<String> answer = call("POST", line.path());

        String ours = Tokens.refreshToken(answer);
        assertThat(answer.statusCode()).isEqualTo(line.status());
        assertThat(answer.body().replace(Tokens.accessToken(answer), token).replace(ours, "theirs"))
                .isEqualTo(json);
        assertThat(ours).isNotEqualTo("theirs");
        assertThat(realmOf(ours)).isEqualTo(line.realm());
        assertThat(gateway.refresh(ours).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("issuing")
    void anAnswerWithoutARefreshTokenStaysAsItIs(Issuing line) {
        String withoutTokens = "{\"message\":\"ok\", \"requireVerification\":true,\"user\":{\"id\":\"usr_1\"}}";
        String withOne = "{\"message\":\"ok\",\"token\":\"" + accessToken("usr_1") + "\", \"user\":{\"id\":\"usr_1\"}}";
        for (String json : new String[] {withoutTokens, withOne}) {
            answerWith(line.status(), json);

            HttpResponse<String> answer = call("POST", line.path());

            assertThat(answer.statusCode()).isEqualTo(line.status());
            assertThat(answer.body()).isEqualTo(json);
        }
    }

    @ParameterizedTest
    @MethodSource("issuing")
    void aRefusalStaysAsItIs(Issuing line) {
        String json = "{\"error\":\"x\", \"code\":\"EMAIL_VERIFICATION_REQUIRED\",\"message\":\"y\"}";
        answerWith(403, json);

        HttpResponse<String> answer = call("POST", line.path());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/auth/oauth/callback/google,app",
        "/api/auth/oauth/callback/google/,app",
        "/api/auth/oauth-org/callback/google,dashboard",
        "/api/auth/oauth-org/callback/google/,dashboard"
    })
    void aCallbackThatRedirectsOpensASessionInItsRealm(String path, String realm) {
        String token = accessToken("usr_2");
        String location = "https://client.example/in?a=1&token=" + token + "&refreshToken=theirs&expiresIn=1800&z=%20";
        backend.answerWith("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");

        HttpResponse<String> answer = call("GET", path);

        String ours = answer.headers().firstValue("Location").orElseThrow();
        String refreshToken = ours.replaceFirst(".*&refreshToken=([^&]*).*", "$1");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(ours.replaceFirst("token=[^&]*", "token=" + token).replace(refreshToken, "theirs"))
                .isEqualTo(location);
        assertThat(realmOf(refreshToken)).isEqualTo(realm);
        assertThat(gateway.refresh(refreshToken).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/files",
        "GET,/api/files/f_1/url",
        "GET,/api/payment-links/abc",
        "POST,/api/auth/verify-email",
        "POST,/api/auth/password-reset",
        "POST,/api/auth/local/password-reset"
    })
    void aFalseFriendStaysAsItIs(String method, String path) {
        String json = "{\"token\":\"" + accessToken("usr_3") + "\",\"refreshToken\":\"theirs\", \"expiresIn\":1800}";
        answerWith(200, json);

        assertThat(call(method, path).body()).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST dashboard bearer /api/auth/logout",
                "POST app bearer /api/auth/local/logout",
                "PATCH dashboard subject /api/users/password",
                "PATCH app subject /api/users/password",
                "POST dashboard subject /api/auth/password-reset/abc",
                "POST app subject /api/auth/local/password-reset/confirm",
                "POST app subject /api/auth/local/password-reset/abc",
                "POST dashboard subject /api/users/me/erase",
                "POST app subject /api/users/me/erase",
                "POST dashboard subject /api/gdpr/erase",
                "POST app subject /api/gdpr/erase",
                "PATCH dashboard named /api/orgs/org_1/users/usr_4/status",
                "DELETE dashboard named /api/orgs/org_1/members/usr_4"
            })
    void anEndingEndsWhatItShould(String line) {
        String[] words = line.split(" ");
        String login = words[1].equals("app") ? "/api/auth/local/login" : "/api/auth/login";
        for (String path : new String[] {words[3], words[3] + "/"}) {
            Login one = Login.at(gateway, backend, login, "usr_4");
            Login other = Login.at(gateway, backend, login, "usr_4");
            Login caller = words[2].equals("named") ? Login.at(gateway, backend, login, "usr_admin") : one;

            call(words[0], path, "Authorization", "Bearer " + caller.accessToken());

            assertThat(gateway.refresh(one.refreshToken()).statusCode()).isEqualTo(401);
            assertThat(gateway.refresh(other.refreshToken()).statusCode())
                    .isEqualTo(words[2].equals("bearer") ? 200 : 401);
            if (caller != one) {
                assertThat(gateway.refresh(caller.refreshToken()).statusCode()).isEqualTo(200);
            }
        }
    }
}
