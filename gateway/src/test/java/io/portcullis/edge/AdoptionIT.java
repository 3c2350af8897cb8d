package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.CommandsSeen;
import io.portcullis.session.AttemptId;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectRef;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Refresh tokens that the backends minted before the gateway stood in front of them: the app's say {@code type: refresh} and
 * are signed with the key of access tokens, the dashboard's have a key of their own.
 */
class AdoptionIT {
    private static DemoKeys keys;
    private static DemoKeys dashboardsOwn;
    private static DemoBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        dashboardsOwn = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.realms.app.adoption.mode=verify",
                "portcullis.realms.app.adoption.keys=" + keys.accessTokenKeys(),
                "portcullis.realms.app.adoption.required-claims.type=refresh",
                "portcullis.realms.app.adoption.required-claims.projectId=*",
                "portcullis.realms.dashboard.adoption.mode=verify",
                "portcullis.realms.dashboard.adoption.keys=" + dashboardsOwn.accessTokenKeys());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        dashboardsOwn.close();
        keys.close();
    }

    @AfterEach
    void theBackendsOwnRefreshEndpointIsNeverReached() {
        assertThat(backend.refreshesReached()).isZero();
    }

    private static String appsToken(String moreClaims) {
        return Tokens.sign(keys.accessTokenKey(), "{\"type\":\"refresh\",\"projectId\":\"prj_1\"" + moreClaims + "}");
    }

    private static String expiresIn(long seconds) {
        return ",\"exp\":" + (Instant.now().getEpochSecond() + seconds);
    }

    private static void assertRefused(String token) {
        assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
    }

    @Test
    void aBackendsTokenIsExchangedOnceAndItsClaimsBecomeTheAccessTokens() {
        String old = appsToken(",\"id\":\"usr_1\",\"jti\":\"1\",\"rate\":1.50" + expiresIn(3600));

        HttpResponse<String> answer = gateway.refresh(old);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Tokens.verifiedClaims(keys.accessTokenKey(), Tokens.accessToken(answer)))
                .matches("\\{\"projectId\":\"prj_1\",\"id\":\"usr_1\",\"rate\":1.50,"
                        + "\"iat\":\\d+,\"exp\":\\d+,\"sid\":\"[\\w-]{44}\"}");
        assertThat(Tokens.claims(Tokens.refreshToken(answer)).get("aud").asString())
                .isEqualTo("app");
        HttpResponse<String> next = gateway.refresh(Tokens.refreshToken(answer));
        assertThat(next.statusCode()).isEqualTo(200);
        assertRefused(old);
        assertRefused(Tokens.refreshToken(next));
        assertRefused(old);
    }

    @Test
    void aTokenWithAKeyOfItsOwnNeedsNoClaim() {
        String old = Tokens.sign(dashboardsOwn.accessTokenKey(), "{\"sub\":\"usr_2\"" + expiresIn(3600) + "}");

        HttpResponse<String> answer = gateway.refresh(old);

        assertThat(Tokens.claims(Tokens.refreshToken(answer)).get("aud").asString())
                .isEqualTo("dashboard");
        assertThat(Tokens.claims(Tokens.accessToken(answer)).get("sub").asString())
                .isEqualTo("usr_2");
    }

    @Test
    void aTokenOfTheTimeBeforeAllSessionsOfItsSubjectEndedIsRefusedAndALaterOneIsNot() {
        RealmPolicy policy = gateway.bean(Realms.class).get("app").policy();
        SubjectRef subject = new SubjectRef("app", "usr_9");
        long now = Instant.now().getEpochSecond();
        String claims = ",\"id\":\"usr_9\"" + expiresIn(3600);
        gateway.bean(SessionStore.class)
                .revokeAll(subject, RevocationReason.ADMIN, policy, AttemptId.random(), Duration.ZERO)
                .block(Duration.ofSeconds(10));

        assertRefused(appsToken(claims + ",\"iat\":" + (now - 60)));
        assertRefused(appsToken(claims));
        assertRefused(appsToken(claims + ",\"iat\":" + now * 1000));
        // the ending was in this second or in the next
        HttpResponse<String> later = gateway.refresh(appsToken(claims + ",\"iat\":" + (now + 2)));
        assertThat(later.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(later)).statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine(19)
    void anAccessTokenIsNeverAdopted() {
        HttpResponse<String> login = gateway.post(
                "/api/auth/local/login",
                "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        String theirs = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_3\",\"projectId\":\"prj_1\"" + expiresIn(1800) + "}");

        assertRefused(Tokens.accessToken(login));
        assertRefused(theirs);
    }

    @Test
    void whatABackendWouldRefuseIsRefusedWithoutARedisCommand() {
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        assertRefused(appsToken(",\"sub\":\"usr_4\"" + expiresIn(-3600)));
        assertRefused(appsToken(expiresIn(3600)));
        assertRefused(Tokens.sign(DemoKeys.generate().accessTokenKey(), "{\"sub\":\"usr_4\",\"type\":\"refresh\"}"));
        assertRefused(Tokens.sign(keys.accessTokenKey(), "{\"sub\":\"usr_4\",\"type\":\"refresh\"}"));
        assertRefused(
                Tokens.sign(keys.accessTokenKey(), "{\"sub\":\"usr_4\",\"type\":\"access\",\"projectId\":\"prj_1\"}"));

        assertThat(commands.end()).isEmpty();
    }
}
