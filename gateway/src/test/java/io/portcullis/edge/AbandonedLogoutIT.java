package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A logout that the backend carries out ends the session, whatever becomes of the answer on its way to the client. */
class AbandonedLogoutIT {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RawListener backend = RawListener.start();

    @AutoClose
    private static final TestGateway gateway = TestGateway.start(keys, backend.uri());

    @AutoClose
    private static final TestGateway impatient =
            gateway.replica(backend.uri(), "portcullis.end-session.patience=300ms");

    private record Session(String accessToken, String refreshToken) {}

    private static Session login(TestGateway gateway) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        CompletableFuture<HttpResponse<String>> login = gateway.client()
                .sendAsync(
                        gateway.request("/api/auth/login")
                                .POST(BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            accepted.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                    + json.length() + "\r\n\r\n" + json);
            return new Session(Tokens.accessToken(login.join()), Tokens.refreshToken(login.join()));
        }
    }

    private static RawConnection post(TestGateway gateway, String path, Session session) {
        return RawConnection.to(gateway.port())
                .write("POST " + path + " HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer " + session.accessToken()
                        + "\r\nContent-Length: 0\r\n\r\n");
    }

    /** Until the gateway has seen a client leave that left later. */
    private static void awaitCancellation() {
        RawConnection client = RawConnection.to(gateway.port()).write("GET /other HTTP/1.1\r\nHost: a.example\r\n\r\n");
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            client.close();
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    private static void awaitEnd(Session session) {
        String[] newest = {session.refreshToken()};
        await().until(() -> {
            HttpResponse<String> answer = gateway.refresh(newest[0]);
            if (answer.statusCode() == 200) {
                newest[0] = Tokens.refreshToken(answer);
            }
            return answer.statusCode() == 401;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/auth/logout", "/api/gdpr/erase"})
    void aClientThatLeavesBeforeTheAnswerIsLoggedOut(String path) {
        Session session = login(gateway);
        RawConnection client = post(gateway, path, session);
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            client.close();
            awaitCancellation();

            accepted.write(OK);

            awaitEnd(session);
            assertThat(accepted.endsSoon()).isTrue();
        }
    }

    @Test
    void aLogoutThatTheBackendRefusesEndsNothingWhenItsClientHasLeft() {
        Session session = login(gateway);
        RawConnection client = post(gateway, "/api/auth/logout", session);
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            client.close();
            awaitCancellation();

            accepted.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}");

            assertThat(accepted.endsSoon()).isTrue();
            assertThat(gateway.refresh(session.refreshToken()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aBackendThatDiesAfterTheHeadHasEndedTheSession() {
        Session session = login(gateway);
        try (RawConnection client = post(gateway, "/api/auth/logout", session)) {
            try (RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
            }

            assertThat(client.head()).startsWith("HTTP/1.1 502 ");
        }
        assertThat(gateway.refresh(session.refreshToken()).statusCode()).isEqualTo(401);
    }

    @Test
    void aBackendThatDoesNotAnswerIsNotWaitedForWithoutEnd() {
        Session session = login(impatient);
        RawConnection client = post(impatient, "/api/auth/logout", session);
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            client.close();

            assertThat(accepted.endsSoon()).isTrue();
            assertThat(impatient.refresh(session.refreshToken()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anEndingThatHasBegunIsFinishedWhenPatienceIsOver() {
        Session session = login(impatient);
        RawConnection client = post(impatient, "/api/auth/logout", session);
        try (RawConnection accepted = backend.accept()) {
            accepted.head();
            client.close();
            impatient.redis().freezeWrites();
            accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
            impatient.redis().awaitFrozenWrite();
            assertThat(accepted.endsSoon()).isTrue();

            impatient.redis().thawWrites();

            SessionId ended = new SessionId(
                    Tokens.claims(session.accessToken()).get("sid").asString());
            await().until(() -> impatient.bean(RevokedSessions.class).realmOf(ended, Instant.now()) != null);
        }
    }
}
