package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.Logins.Login;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator or the limit of a realm ends at one replica is turned away at another, access tokens included. */
class EndedElsewhereIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;
    private static TestGateway other;
    private static Logins logins;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri(), "portcullis.realms.app.max-sessions=2");
        other = gateway.replica(backend.uri());
        logins = new Logins(gateway, backend);
    }

    @AfterAll
    static void stop() {
        other.close();
        gateway.close();
        backend.close();
        keys.close();
    }

    private static int call(TestGateway replica, Login login) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        return replica.get("/thing", "Authorization", "Bearer " + login.accessToken())
                .statusCode();
    }

    private static void assertRefusedEverywhere(Login login) {
        assertThat(call(gateway, login)).isEqualTo(401);
        await().atMost(SOON).until(() -> call(other, login) == 401);
    }

    private static void assertAcceptedEverywhere(Login login) {
        assertThat(call(gateway, login)).isEqualTo(200);
        assertThat(call(other, login)).isEqualTo(200);
    }

    @Test
    void sessionThatAnOperatorEndsIsDeadEverywhere() {
        Login ended = logins.app("usr_1");
        Login sibling = logins.app("usr_1");
        assertAcceptedEverywhere(ended);

        ManagementPort.of(gateway).delete(ManagementPort.SESSIONS + "/" + ended.sid());

        assertRefusedEverywhere(ended);
        assertAcceptedEverywhere(sibling);
    }

    @Test
    void allSessionsThatAnOperatorEndsAreDeadEverywhere() {
        Login one = logins.app("usr_2");
        Login two = logins.app("usr_2");

        ManagementPort.of(gateway).delete(ManagementPort.of("app", "usr_2"));

        assertRefusedEverywhere(one);
        assertRefusedEverywhere(two);
    }

    @Test
    void sessionThatMakesRoomForAnotherIsDeadEverywhereAndTold() {
        Login oldest = logins.app("usr_3");
        Login second = logins.app("usr_3");
        assertAcceptedEverywhere(oldest);
        double before = endedByTheLimit();
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {

            Login newest = logins.app("usr_3");

            assertRefusedEverywhere(oldest);
            assertAcceptedEverywhere(second);
            assertAcceptedEverywhere(newest);
            assertThat(endedByTheLimit() - before).isEqualTo(1);
            assertThat(List.copyOf(log.lines()))
                    .anySatisfy(line -> assertThat(CapturedLog.pairs(line))
                            .containsEntry("event.action", "session.ended")
                            .containsEntry("portcullis.reason", "limit")
                            .containsEntry("portcullis.sid", oldest.sid())
                            .containsEntry("client.ip", "127.0.0.1"));
        }
    }

    private static double endedByTheLimit() {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.sessions.revoked")
                .tags("realm", "app", "reason", "limit")
                .counter()
                .count();
    }
}
