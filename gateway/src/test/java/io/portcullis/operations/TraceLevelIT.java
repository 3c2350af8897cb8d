package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** Whatever is turned on in the log, no token, no password and no e-mail address is in it: security.md, 31. */
class TraceLevelIT {

    @Test
    void atTraceNoLoggerPrintsASecret() {
        DemoKeys keys = DemoKeys.generate();
        try (DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
                TestGateway gateway = TestGateway.start(keys, backend.uri());
                CapturedLog log = CapturedLog.of(Logger.ROOT_LOGGER_NAME, Level.TRACE)) {
            HttpResponse<String> login = gateway.post(
                    "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
            HttpResponse<String> refreshed = gateway.refresh(Tokens.refreshToken(login));
            gateway.get(
                    "/api/me", "Authorization", "Bearer " + Tokens.accessToken(refreshed), "Cookie", "session=c00kie");
            gateway.get("/api/me?token=" + Tokens.accessToken(refreshed));
            gateway.refresh(Tokens.refreshToken(login));
            gateway.refresh(Tokens.refreshToken(refreshed));
            gateway.post("/api/auth/refresh", "{\"refreshToken\":\"" + Tokens.refreshToken(login));
            gateway.send(gateway.request("/api/auth/logout", "Authorization", "Bearer " + Tokens.accessToken(refreshed))
                    .POST(BodyPublishers.noBody()));

            List<String> secrets = new ArrayList<>(List.of("ada@", DemoBackend.PASSWORD, "c00kie"));
            for (String token : List.of(
                    Tokens.accessToken(login),
                    Tokens.refreshToken(login),
                    Tokens.accessToken(refreshed),
                    Tokens.refreshToken(refreshed))) {
                secrets.add(token.substring(token.lastIndexOf('.') + 1));
                secrets.add(token.split("\\.")[1]);
            }
            Set<String> leaks = new TreeSet<>();
            log.lines().forEach(line -> {
                String text = CapturedLog.text(line);
                secrets.stream()
                        .filter(text::contains)
                        .forEach(secret -> leaks.add(line.getLevel() + " " + line.getLoggerName() + ": "
                                + text.substring(0, Math.min(300, text.length()))));
            });
            assertThat(log.lines()).anyMatch(line -> line.getLoggerName().equals("portcullis.events"));
            assertThat(log.lines()).anyMatch(line -> line.getLevel() == Level.TRACE);
            assertThat(leaks).isEmpty();
        } finally {
            keys.close();
        }
    }
}
