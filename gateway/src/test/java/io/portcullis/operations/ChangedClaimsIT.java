package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.Logins.Login;
import io.portcullis.redis.StoredRecords;
import io.portcullis.session.SubjectHash;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** A new role gets into a user's next access tokens without a new login. */
class ChangedClaimsIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;
    private static Logins logins;
    private static ManagementPort operator;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri(), "portcullis.realms.app.reuse.grace=1h");
        logins = new Logins(gateway, backend);
        operator = ManagementPort.of(gateway);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static HttpResponse<String> change(String subject, String claims) {
        return operator.post(
                ManagementPort.SESSIONS,
                JsonMapper.shared().writeValueAsString(Map.of("realm", "app", "subject", subject, "claims", claims)));
    }

    private static String claims(Login login) {
        return Tokens.verifiedClaims(keys.accessTokenKey(), login.accessToken());
    }

    @Test
    void newRoleIsInTheNextAccessTokenAndInAllLaterOnes() {
        Login login = logins.app("usr_1", ",\"role\":\"member\",\"limit\":1.50");

        HttpResponse<String> changed = change("usr_1", "{\"role\":\"admin\",\"seats\":10.00}");
        Login refreshed = logins.refreshed(login);

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(Tokens.json(changed).has("at")).isTrue();
        assertThat(claims(refreshed))
                .contains("\"sub\":\"usr_1\",\"limit\":1.50,\"role\":\"admin\",\"seats\":10.00,\"iat\":")
                .doesNotContain("member");
        assertThat(claims(logins.refreshed(refreshed))).contains("\"role\":\"admin\",\"seats\":10.00");
    }

    @Test
    void removedClaimIsGone() {
        Login login = logins.app("usr_2", ",\"role\":\"member\",\"beta\":true");

        change("usr_2", "{\"beta\":null}");

        assertThat(claims(logins.refreshed(login)))
                .contains("\"role\":\"member\"")
                .doesNotContain("beta");
    }

    @Test
    void replayGetsTheSameBytesThoughTheClaimsHaveChangedAgain() {
        Login login = logins.app("usr_3", ",\"role\":\"member\"");
        change("usr_3", "{\"role\":\"admin\"}");
        Login refreshed = logins.refreshed(login);

        change("usr_3", "{\"role\":\"owner\"}");

        assertThat(logins.refreshed(login)).isEqualTo(refreshed);
        assertThat(claims(logins.refreshed(refreshed))).contains("\"role\":\"owner\"");
    }

    @Test
    void othersAndLaterLoginsAreNotTouched() {
        Login stranger = logins.app("usr_5", ",\"role\":\"member\"");
        Login login = logins.app("usr_4", ",\"role\":\"member\"");
        change("usr_4", "{\"role\":\"admin\"}");
        assertThat(claims(logins.refreshed(login))).contains("\"role\":\"admin\"");

        Login later = logins.app("usr_4", ",\"role\":\"member\"");

        assertThat(claims(logins.refreshed(stranger))).contains("\"role\":\"member\"");
        assertThat(claims(logins.refreshed(later))).contains("\"role\":\"member\"");
    }

    /** Their key is retired, or somebody else has written them. */
    @Test
    void whatCannotBeOpenedDoesNotStopARefreshAndIsToldAndCounted() {
        Login login = logins.app("usr_8", ",\"role\":\"member\"");
        change("usr_8", "{\"role\":\"admin\",\"seats\":2}");
        StoredRecords.of(gateway.redis(), login.sid()).claim("role", "\"owner\"", "99999999999999");
        double before = unopened();

        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.WARN)) {
            assertThat(claims(logins.refreshed(login)))
                    .contains("\"role\":\"member\"", "\"seats\":2")
                    .doesNotContain("owner");

            assertThat(log.lines())
                    .singleElement()
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .startsWith("Changed claims cannot be opened, the token lacks them: realm=app subject="
                            + SubjectHash.of("app", "usr_8") + " sid=" + login.sid() + " unopened=1");
        }
        assertThat(unopened()).isEqualTo(before + 1);
    }

    private static double unopened() {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.claims.unopened")
                .tag("realm", "app")
                .counter()
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"sub\":\"usr_7\"} | the claim sub cannot be changed",
                "{\"exp\":9999999999} | the claim exp cannot be changed",
                "role | claims are not a JSON object",
                "{} | claims are empty"
            })
    void whatCannotBeChangedIsABadRequest(String claims, String error) {
        Login login = logins.app("usr_6", ",\"role\":\"member\"");

        HttpResponse<String> answer = change("usr_6", claims);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Tokens.json(answer).get("error").asString()).isEqualTo(error);
        assertThat(claims(logins.refreshed(login))).contains("\"sub\":\"usr_6\"", "\"role\":\"member\"");
    }
}
