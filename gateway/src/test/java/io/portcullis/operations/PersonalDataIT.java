package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.Logins.Login;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Redis keeps no personal data: not of users, and not of operators: design.md, 1; security.md, 25. */
class PersonalDataIT {
    private static final String CANARY = "grace@example.org is found where she is";
    private static final List<String> PERSONAL = List.of(
            "ada.lovelace",
            "ada@example.com",
            "countess@example.com",
            "chancellor-of-the-realm",
            "opal.operator",
            "203.0.113.9",
            "127.0.0.1");

    @Test
    @SecurityLine(25)
    void aDumpAfterEveryOperationAndEveryEventNamesNobody() throws IOException {
        DemoKeys keys = DemoKeys.generate();
        try (RawBackend backend = RawBackend.start();
                TestGateway gateway = TestGateway.start(
                        keys,
                        backend.uri(),
                        "portcullis.operators.passwords.[opal.operator]={noop}twelve letters",
                        "portcullis.forwarded.trusted-proxies=127.0.0.1",
                        "portcullis.realms.app.max-sessions=3")) {
            gateway.redis().command("CONFIG", "SET", "rdbcompression", "no");
            Logins logins = new Logins(gateway, backend);
            ManagementPort operator = ManagementPort.of(
                    gateway, "Authorization", ManagementPort.basic("opal.operator", "twelve letters"));
            Login kept = logins.app("ada.lovelace", ",\"email\":\"ada@example.com\"");
            Login reused = logins.app("ada.lovelace");
            Login ended = logins.app("ada.lovelace");

            assertThat(operator.post(
                                    ManagementPort.SESSIONS,
                                    "{\"realm\":\"app\",\"subject\":\"ada.lovelace\",\"claims\":\"{\\\"email\\\":"
                                            + "\\\"countess@example.com\\\",\\\"role\\\":\\\"chancellor-of-the-realm\\\"}\"}")
                            .statusCode())
                    .isEqualTo(200);
            Login changed = logins.refreshed(kept);
            refresh(gateway, reused);
            refresh(gateway, reused);
            gateway.send(gateway.request(
                            "/api/auth/local/logout",
                            "Authorization",
                            "Bearer " + ended.accessToken(),
                            "X-Forwarded-For",
                            "203.0.113.9")
                    .POST(BodyPublishers.noBody()));
            operator.get(ManagementPort.of("app", "ada.lovelace"));
            operator.get(ManagementPort.SESSIONS + "/" + changed.sid());
            for (int i = 0; i < 4; i++) {
                logins.app("ada.lovelace");
            }
            operator.delete(ManagementPort.SESSIONS + "/" + changed.sid());
            operator.delete(ManagementPort.of("app", "ada.lovelace"));
            Login later = logins.app("ada.lovelace");
            operator.delete(ManagementPort.SESSIONS + "/" + later.sid());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> gateway.redis()
                            .command("XRANGE", "portcullis:events", "-", "+")
                            .contains("\"sid\":\"" + later.sid()));
            gateway.redis().command("SET", "canary", CANARY);
            gateway.redis().command("SAVE");
            String dump =
                    Files.readString(gateway.redis().directory().resolve("dump.rdb"), StandardCharsets.ISO_8859_1);

            assertThat(changed.claims().get("email").asString()).isEqualTo("countess@example.com");
            assertThat(dump)
                    .contains(
                            CANARY, "\"reason\":\"admin\"", "change_claims", "refresh.reused", "\"reason\":\"limit\"");
            assertThat(PERSONAL).noneMatch(dump::contains);
        } finally {
            keys.close();
        }
    }

    private static void refresh(TestGateway gateway, Login login) {
        gateway.post(
                "/api/auth/refresh",
                "{\"refreshToken\":\"" + login.refreshToken() + "\"}",
                "X-Forwarded-For",
                "203.0.113.9");
    }
}
