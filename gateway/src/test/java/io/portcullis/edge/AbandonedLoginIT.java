package io.portcullis.edge;

import static org.awaitility.Awaitility.await;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a login ends that the store was asked to record is announced, whatever becomes of its client. */
class AbandonedLoginIT {
    @AutoClose
    private static final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private static final RawListener backend = RawListener.start();

    @AutoClose
    private static final TestGateway gateway =
            TestGateway.start(keys, backend.uri(), "portcullis.realms.dashboard.max-sessions=1");

    private static RawConnection login() {
        return RawConnection.to(gateway.port())
                .write("POST /api/auth/login HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n");
    }

    private static void issue(RawConnection accepted) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        accepted.head();
        accepted.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                + json.length() + "\r\n\r\n" + json);
    }

    private static SessionId sessionOf(RawConnection client) {
        client.until("\"token\":\"");
        String token = client.until("\"").replace("\"", "");
        return new SessionId(Tokens.claims(token).get("sid").asString());
    }

    /** New connections go to the event loops in turn: each has seen the end of an earlier one. */
    private static void awaitCancellation() {
        for (int i = 0; i < 20; i++) {
            try (RawConnection client = RawConnection.to(gateway.port())) {
                client.write("GET /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\n\r\n");
                client.head();
            }
        }
    }

    @Test
    void sessionThatMadeRoomForAClientThatLeftReachesTheEdge() {
        SessionId oldest;
        try (RawConnection client = login();
                RawConnection accepted = backend.accept()) {
            issue(accepted);
            oldest = sessionOf(client);
        }
        gateway.redis().freezeWrites();
        RawConnection impatient = login();
        try (RawConnection accepted = backend.accept()) {
            issue(accepted);
            gateway.redis().awaitFrozenWrite();
        }
        impatient.close();
        awaitCancellation();

        gateway.redis().thawWrites();

        await().until(() -> gateway.bean(RevokedSessions.class).realmOf(oldest, Instant.now()) != null);
    }
}
