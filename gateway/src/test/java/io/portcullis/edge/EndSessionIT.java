package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that end sessions: contract.md, 3. */
class EndSessionIT {
    @AutoClose
    private static final GatewayFixture<RawBackend> FIXTURE = GatewayFixture.beforeRawBackend();

    private static final TestGateway gateway = FIXTURE.gateway();
    private static final RawBackend backend = FIXTURE.backend();

    private record Login(String accessToken, String refreshToken) {}

    private static Login login(String path, String subject) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                FIXTURE.keys().accessTokenKey(),
                "{\"sub\":\"" + subject + "\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        answerWith(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}");
        HttpResponse<String> login = gateway.post(path, "{}");
        return new Login(Tokens.accessToken(login), Tokens.refreshToken(login));
    }

    private static void answerWith(int status, String json) {
        backend.answerWith("HTTP/1.1 " + status + " X\r\nContent-Type: application/json\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json);
    }

    private static int call(String method, String path, String bearer, int status) {
        answerWith(status, "{}");
        return gateway.send(gateway.request(path, "Authorization", "Bearer " + bearer)
                        .method(method, BodyPublishers.ofString("{\"status\":\"suspended\"}")))
                .statusCode();
    }

    private static boolean lives(Login login) {
        return gateway.refresh(login.refreshToken()).statusCode() == 200;
    }

    @ParameterizedTest
    @CsvSource({"/api/auth/login,/api/auth/logout", "/api/auth/local/login,/api/auth/local/logout"})
    void aLogoutEndsTheBearersSessionAndNoOther(String login, String logout) {
        Login one = login(login, "usr_1");
        Login other = login(login, "usr_1");

        assertThat(call("POST", logout, one.accessToken(), 200)).isEqualTo(200);

        assertThat(lives(one)).isFalse();
        assertThat(lives(other)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 500, 302})
    void anEndingThatTheBackendRefusedEndsNothing(int status) {
        Login login = login("/api/auth/login", "usr_2");

        assertThat(call("POST", "/api/auth/logout", login.accessToken(), status))
                .isEqualTo(status);

        assertThat(lives(login)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/users/me/erase,/api/auth/login",
        "POST,/api/gdpr/erase,/api/auth/local/login",
        "PATCH,/api/users/password,/api/auth/local/login",
        "PATCH,/api/users/password,/api/auth/login"
    })
    void allSessionsOfTheBearersSubjectEnd(String method, String path, String login) {
        Login one = login(login, "usr_3");
        Login other = login(login, "usr_3");
        Login stranger = login(login, "usr_4");

        assertThat(call(method, path, one.accessToken(), 200)).isEqualTo(200);

        assertThat(lives(one)).isFalse();
        assertThat(lives(other)).isFalse();
        assertThat(lives(stranger)).isTrue();
        assertThat(lives(login(login, "usr_3"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PATCH,/api/orgs/org_1/users/usr_5/status", "DELETE,/api/orgs/org_1/members/usr_5"})
    void allSessionsOfAMemberEndWhenAnAdministratorSaysSo(String method, String path) {
        Login administrator = login("/api/auth/login", "usr_admin");
        Login member = login("/api/auth/login", "usr_5");

        assertThat(call(method, path, administrator.accessToken(), 403)).isEqualTo(403);
        Login stillThere = login("/api/auth/login", "usr_5");
        assertThat(lives(stillThere)).isTrue();
        assertThat(call(method, path, administrator.accessToken(), 200)).isEqualTo(200);

        assertThat(lives(member)).isFalse();
        assertThat(lives(administrator)).isTrue();
    }

    @Test
    void aBearerThatIsNotTheBackendsEndsNothing() {
        Login login = login("/api/auth/login", "usr_6");
        String forged = Tokens.sign(
                DemoKeys.generate().accessTokenKey(),
                "{\"sub\":\"usr_6\",\"sid\":\""
                        + Tokens.claims(login.accessToken()).get("sid").asString() + "\"}");

        assertThat(call("POST", "/api/auth/logout", forged, 200)).isEqualTo(200);
        assertThat(call("POST", "/api/users/me/erase", forged, 200)).isEqualTo(200);

        assertThat(lives(login)).isTrue();
    }

    @Test
    void aPasswordResetWithABearerEndsAllSessionsOfItsSubjectAndOneWithoutNone() {
        for (String[] realm : new String[][] {
            {"/api/auth/login", "/api/auth/password-reset/a.b"},
            {"/api/auth/local/login", "/api/auth/local/password-reset/a.b"},
            {"/api/auth/local/login", "/api/auth/local/password-reset/confirm"}
        }) {
            Login one = login(realm[0], "usr_8");
            Login other = login(realm[0], "usr_8");
            answerWith(200, "{\"message\":\"Password reset\"}");
            gateway.post(realm[1], "{\"password\":\"new\"}");
            assertThat(gateway.refresh(other.refreshToken()).statusCode()).isEqualTo(200);

            call("POST", realm[1], one.accessToken(), 200);

            assertThat(lives(one)).isFalse();
            assertThat(lives(login(realm[0], "usr_8"))).isTrue();
        }
    }
}
