package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.Logins.Login;
import io.portcullis.redis.StoredRecords;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Redis loses all that it has; one replica is told to open sessions again from before then, and one is not. */
class RecoverBeforeIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway forgetful;
    private static TestGateway recovering;
    private static Logins logins;
    private static String newest;
    private static Login used;
    private static String successorOfUsed;
    private static Login revoked;
    private static Login loggedOut;
    private static Login ofSomebodyToBeKeptOut;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        forgetful = TestGateway.start(keys, backend.uri());
        logins = new Logins(forgetful, backend);
        newest = logins.refreshed(logins.app("usr_1")).refreshToken();
        used = logins.app("usr_1");
        successorOfUsed = logins.refreshed(used).refreshToken();
        revoked = logins.app("usr_1");
        loggedOut = logins.app("usr_1");
        ofSomebodyToBeKeptOut = logins.app("usr_2");
        Instant disaster = Instant.now();
        recovering = forgetful.replica(backend.uri(), "portcullis.store.recover-before=" + disaster);
        // a token's own time is in whole seconds
        await().atMost(SOON).until(() -> Instant.now().getEpochSecond() > disaster.getEpochSecond());
    }

    @AfterAll
    static void stop() {
        recovering.close();
        forgetful.close();
        backend.close();
        keys.close();
    }

    private static void loseEverything() {
        forgetful.redis().command("FLUSHALL");
    }

    private static long recovered() {
        return recovering
                .bean(MeterRegistry.class)
                .get("portcullis.refreshes")
                .tags("outcome", "recovered", "realm", "app")
                .timer()
                .count();
    }

    @Test
    void sessionFromBeforeLivesOnWhereItStood() {
        loseEverything();
        long already = recovered();

        assertThat(forgetful.refresh(newest).statusCode()).isEqualTo(401);
        HttpResponse<String> answer = recovering.refresh(newest);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(recovered()).isEqualTo(already + 1);
        String next = Tokens.refreshToken(answer);
        assertThat(Tokens.claims(next).get("gen").asLong()).isEqualTo(2);
        assertThat(Tokens.claims(next).get("auth_time"))
                .isEqualTo(Tokens.claims(newest).get("auth_time"));
        assertThat(forgetful.refresh(next).statusCode()).isEqualTo(200);
    }

    @Test
    void usedTokenThatComesFirstIsFoundOutWhenTheNewestHasCome() {
        loseEverything();

        String thiefs = Tokens.refreshToken(recovering.refresh(used.refreshToken()));
        String next = Tokens.refreshToken(forgetful.refresh(successorOfUsed));

        assertThat(forgetful.refresh(thiefs).statusCode()).isEqualTo(401);
        assertThat(recovering.refresh(next).statusCode()).isEqualTo(401);
    }

    @Test
    void whatAReplicaRemembersAsRevokedStaysRevoked() {
        ManagementPort.of(recovering).delete(ManagementPort.SESSIONS + "/" + revoked.sid());
        loseEverything();

        assertThat(recovering.refresh(revoked.refreshToken()).statusCode()).isEqualTo(401);
        assertThat(forgetful.refresh(revoked.refreshToken()).statusCode()).isEqualTo(401);
    }

    @Test
    void whoLogsOutAfterTheDisasterStaysOut() {
        loseEverything();
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        HttpResponse<String> answer =
                recovering.post("/api/auth/local/logout", "{}", "Authorization", "Bearer " + loggedOut.accessToken());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(StoredRecords.of(forgetful.redis(), loggedOut.sid()).get("dead"))
                .isEqualTo("logout");
        assertThat(recovering.refresh(loggedOut.refreshToken()).statusCode()).isEqualTo(401);
        assertThat(recovering
                        .get("/api/me", "Authorization", "Bearer " + loggedOut.accessToken())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void whoseSessionsAreEndedAfterTheDisasterStaysOut() {
        loseEverything();

        ManagementPort.of(recovering).delete(ManagementPort.of("app", "usr_2"));

        assertThat(recovering.refresh(ofSomebodyToBeKeptOut.refreshToken()).statusCode())
                .isEqualTo(401);
        assertThat(recovering.refresh(logins.app("usr_2").refreshToken()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void sessionFromAfterwardsIsNotOpenedAgain() {
        Login after = logins.app("usr_3");
        loseEverything();

        assertThat(recovering.refresh(after.refreshToken()).statusCode()).isEqualTo(401);
    }
}
