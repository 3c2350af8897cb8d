package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.Logins.Login;
import io.portcullis.session.SubjectHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The endpoint {@code sessions} as an operator on the gateway's own machine uses it. */
class SessionsEndpointIT {
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;
    private static Logins logins;
    private static ManagementPort operator;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri());
        logins = new Logins(gateway, backend);
        operator = ManagementPort.of(gateway);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/api/me", "/actuator/env", "/actuator/heapdump", "/actuator/sessions/a/b"})
    void whatThePortDoesNotHaveIsForwardedToNobody(String path) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertThat(operator.get(path).statusCode()).isEqualTo(404);
        assertThat(gateway.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void endingWhoseOperatorHangsUpIsMadeAndReachesTheEdge() throws IOException {
        Login login = logins.app("usr_hang_up");
        String head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

        gateway.redis().freezeWrites();
        try (Socket impatient = new Socket(InetAddress.getLoopbackAddress(), gateway.managementPort())) {
            impatient
                    .getOutputStream()
                    .write(("DELETE " + ManagementPort.SESSIONS + "/" + login.sid() + head)
                            .getBytes(StandardCharsets.US_ASCII));
            gateway.redis().awaitFrozenWrite();
        }
        // new connections go to the event loops in turn: each has seen the end of that one
        for (int i = 0; i < 20; i++) {
            RawClient.send(gateway.managementPort(), "GET /actuator/health/liveness" + head);
        }
        gateway.redis().thawWrites();

        await().until(() -> gateway.get("/thing", "Authorization", "Bearer " + login.accessToken())
                        .statusCode()
                == 401);
        assertThat(gateway.refresh(login.refreshToken()).statusCode()).isEqualTo(401);
    }

    @Test
    void liveSessionIsShown() {
        Instant before = Instant.now().minusSeconds(1);
        Login login = logins.refreshed(logins.app("usr_1"));

        HttpResponse<String> shown = operator.get(ManagementPort.SESSIONS + "/" + login.sid());

        JsonNode session = Tokens.json(shown);
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(session.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "realm", "subject", "generation", "openedAt", "rotatedAt", "expiresAt", "end", "status");
        assertThat(session.get("id").asString()).isEqualTo(login.sid());
        assertThat(session.get("realm").asString()).isEqualTo("app");
        assertThat(session.get("subject").asString())
                .isEqualTo(SubjectHash.of("app", "usr_1").value());
        assertThat(session.get("generation").asLong()).isEqualTo(1);
        assertThat(session.get("status").asString()).isEqualTo("live");
        Instant rotatedAt = Instant.parse(session.get("rotatedAt").asString());
        Instant openedAt = Instant.parse(session.get("openedAt").asString());
        assertThat(List.of(before, openedAt, rotatedAt, Instant.now().plusSeconds(1)))
                .isSorted();
        assertThat(session.get("expiresAt").asString())
                .isEqualTo(rotatedAt.plusSeconds(14 * 86_400).toString());
        assertThat(session.get("end").asString())
                .isEqualTo(openedAt.plusSeconds(90 * 86_400).toString());
        assertThat(shown.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    }

    @Test
    void sessionsOfASubjectAreListedWithWhatBecameOfThem() {
        Login live = logins.app("usr_2");
        Login reused = logins.app("usr_2");
        logins.refreshed(reused);
        assertThat(logins.lives(reused)).isFalse();
        logins.app("usr_3");

        HttpResponse<String> listed = operator.get(ManagementPort.of("app", "usr_2"));

        JsonNode sessions = Tokens.json(listed).get("sessions");
        assertThat(listed.statusCode()).isEqualTo(200);
        assertThat(sessions.values())
                .extracting(session -> session.get("id").asString())
                .containsExactlyInAnyOrder(live.sid(), reused.sid());
        JsonNode ended = sessions.values().stream()
                .filter(session -> session.get("id").asString().equals(reused.sid()))
                .findFirst()
                .orElseThrow();
        assertThat(ended.get("status").asString()).isEqualTo("revoked");
        assertThat(ended.get("revoked").get("reason").asString()).isEqualTo("reuse");
        assertThat(ended.get("revoked").get("presented").asLong()).isZero();
        assertThat(Instant.parse(ended.get("revoked").get("at").asString())).isBeforeOrEqualTo(Instant.now());
        assertThat(listed.body()).doesNotContain("eyJ", "usr_2");
    }

    @Test
    void revokedSessionIsOverAndItsSiblingLives() {
        Login one = logins.app("usr_4");
        Login other = logins.app("usr_4");

        HttpResponse<String> revoked = operator.delete(ManagementPort.SESSIONS + "/" + one.sid());
        HttpResponse<String> again = operator.delete(ManagementPort.SESSIONS + "/" + one.sid());

        assertThat(revoked.statusCode()).isEqualTo(200);
        assertThat(Tokens.json(revoked).get("outcome").asString()).isEqualTo("revoked");
        assertThat(Tokens.json(again).get("outcome").asString()).isEqualTo("already_revoked");
        assertThat(logins.lives(one)).isFalse();
        assertThat(logins.lives(other)).isTrue();
        assertThat(Tokens.json(operator.get(ManagementPort.SESSIONS + "/" + one.sid()))
                        .get("revoked")
                        .get("reason")
                        .asString())
                .isEqualTo("admin");
    }

    @Test
    void allSessionsOfASubjectAreRevoked() {
        Login one = logins.app("usr_5");
        Login other = logins.app("usr_5");
        Login stranger = logins.app("usr_6");

        HttpResponse<String> revoked = operator.delete(ManagementPort.of("app", "usr_5"));

        assertThat(revoked.statusCode()).isEqualTo(200);
        assertThat(Tokens.json(revoked).get("ended").values())
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder(one.sid(), other.sid());
        assertThat(List.of(logins.lives(one), logins.lives(other), logins.lives(stranger)))
                .containsExactly(false, false, true);
    }

    @Test
    void sessionNobodyHasIsNotFound() {
        String sid = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

        assertThat(operator.get(ManagementPort.SESSIONS + "/" + sid).statusCode())
                .isEqualTo(404);
        assertThat(operator.delete(ManagementPort.SESSIONS + "/" + sid).statusCode())
                .isEqualTo(404);
        assertThat(Tokens.json(operator.get(ManagementPort.of("app", "nobody")))
                        .get("sessions")
                        .isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /actuator/sessions | realm is one of [app, dashboard]",
                "GET    | /actuator/sessions?subject=u1 | realm is one of [app, dashboard]",
                "GET    | /actuator/sessions?realm=apps&subject=u1 | realm is one of [app, dashboard]",
                "GET    | /actuator/sessions?realm=app | subject is one text that is not blank",
                "DELETE | /actuator/sessions?realm=app&subject=%20 | subject is one text that is not blank",
                "DELETE | /actuator/sessions?realm=app&subject=u1&subject=u2 | subject is one text that is not blank",
                "DELETE | /actuator/sessions?realm=app&realm=app&subject=u1 | realm is one of [app, dashboard]",
                "DELETE | /actuator/sessions | realm is one of [app, dashboard]",
                "GET    | /actuator/sessions/AAAAAAAAAAAAAAAAAAAAAA | a session id is 44 letters, digits, - and _",
                "DELETE | /actuator/sessions/AAAAAAAAAAAAAAAAAAAAAAA%7D | a session id is 44 letters, digits, - and _"
            })
    void whatCannotBeMeantIsABadRequest(String method, String path, String error) {
        HttpResponse<String> answer = operator.send(operator.request(path).method(method, BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Tokens.json(answer).get("error").asString()).isEqualTo(error);
    }

    @Test
    @SecurityLine(46)
    void everyCallIsAnEventWithoutTokenOrName() {
        Login login = logins.app("usr_7@example.org");
        String session =
                " subject=" + SubjectHash.of("app", "usr_7@example.org").value() + " sid=" + login.sid();
        String subject =
                " subject=" + SubjectHash.of("app", "usr_7@example.org").value();
        String by = " operator=nobody call=";
        String from = " client=127.0.0.1";
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {

            operator.get(ManagementPort.of("app", "usr_7@example.org"));
            operator.get(ManagementPort.SESSIONS + "/" + login.sid());
            operator.delete(ManagementPort.SESSIONS + "/" + login.sid());
            operator.delete(ManagementPort.of("app", "usr_7@example.org"));
            operator.post(
                    ManagementPort.SESSIONS,
                    "{\"realm\":\"app\",\"subject\":\"usr_7@example.org\",\"claims\":\"{\\\"role\\\":\\\"cook\\\"}\"}");
            operator.get(ManagementPort.SESSIONS + "/eyJhbGciOi");
            operator.get(ManagementPort.SESSIONS + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

            assertThat(log.lines())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "Operator called: realm=app" + subject + by + "list status=200" + from,
                            "Operator called: realm=app" + session + by + "show status=200" + from,
                            "Session ended: realm=app" + session + " reason=admin operator=nobody outcome=revoked"
                                    + from,
                            "Operator called: realm=app" + session + by + "revoke status=200" + from,
                            "All sessions of a subject ended: realm=app" + subject
                                    + " reason=admin operator=nobody sessions=0" + from,
                            "Operator called: realm=app" + subject + by + "revoke_all status=200" + from,
                            "Operator called: realm=app" + subject + by + "change_claims claims=role status=200" + from,
                            "Operator called: realm=none" + by + "show status=400" + from,
                            "Operator called: realm=none sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + by
                                    + "show status=404" + from);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /actuator/sessions | application/json | {\"claims\":{}} | 400",
                "POST | /actuator/sessions | application/json | { | 400",
                "PUT  | /actuator/sessions | application/json | {} | 405",
                "POST | /actuator/sessions | text/plain | {} | 415"
            })
    void callThatIsNoneOfTheEndpointsIsAnEventToo(String method, String path, String type, String body, int status) {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {

            HttpResponse<String> answer = operator.send(
                    operator.request(path).header("Content-Type", type).method(method, BodyPublishers.ofString(body)));

            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(log.lines())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("Operator called: realm=none operator=nobody call=none status=" + status
                            + " client=127.0.0.1");
        }
    }

    @Test
    void callWithTooLargeABodyIsAnEventToo() {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {

            HttpResponse<String> answer =
                    operator.post(ManagementPort.SESSIONS, "{\"claims\":\"" + "x".repeat(270_000) + "\"}");

            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(log.lines())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "Operator called: realm=none operator=nobody call=none status=413 client=127.0.0.1");
        }
    }

    @Test
    void repeatedNameIsABadRequestWhereClaimsChangeToo() {
        String body = "{\"claims\":\"{\\\"role\\\":\\\"cook\\\"}\"}";

        assertThat(operator.post(ManagementPort.SESSIONS + "?realm=app&subject=a&subject=b", body)
                        .statusCode())
                .isEqualTo(400);
        assertThat(operator.post(ManagementPort.SESSIONS + "?realm=app&realm=app&subject=a", body)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void whatAnOperatorEndedIsCountedAndSentLikeAnyOtherEnding() {
        Login one = logins.app("usr_8");
        Login two = logins.app("usr_8");
        double before = revokedByAdmins();

        operator.delete(ManagementPort.SESSIONS + "/" + one.sid());
        operator.delete(ManagementPort.of("app", "usr_8"));

        assertThat(revokedByAdmins() - before).isEqualTo(2);
        await().until(() -> {
            String stream = gateway.redis().command("XRANGE", "portcullis:events", "-", "+");
            return stream.contains(one.sid())
                    && stream.contains(two.sid())
                    && stream.contains(SubjectHash.of("app", "usr_8").value());
        });
    }

    private static double revokedByAdmins() {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.sessions.revoked")
                .tags("realm", "app", "reason", "admin")
                .counter()
                .count();
    }

    @Test
    @SecurityLine(46)
    void publicPortKnowsNothingOfIt() {
        backend.answerWith("HTTP/1.1 204 No Content\r\nX-Of-The-Backend: 1\r\n\r\n");

        HttpResponse<String> forwarded = gateway.get("/actuator/sessions?realm=app&subject=usr_1");

        assertThat(forwarded.statusCode()).isEqualTo(204);
        assertThat(forwarded.headers().map().keySet()).containsExactlyInAnyOrder("x-of-the-backend");
    }
}
