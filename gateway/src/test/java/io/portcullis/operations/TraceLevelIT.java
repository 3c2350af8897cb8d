package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisUsers;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** Whatever is turned on in the log, no token, no password and no e-mail address is in it: security.md, 31. */
class TraceLevelIT {

    @Test
    @SecurityLine(31)
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

            // says anew who it is to Redis
            gateway.redis().command("CLIENT", "KILL", "TYPE", "normal");
            await().until(() ->
                    gateway.redis().command("CLIENT", "LIST").contains(" user=" + RedisUsers.GATEWAY + " "));

            List<String> secrets =
                    new ArrayList<>(List.of("ada@", DemoBackend.PASSWORD, "c00kie", RedisUsers.PASSWORD));
            for (String token : List.of(
                    Tokens.accessToken(login),
                    Tokens.refreshToken(login),
                    Tokens.accessToken(refreshed),
                    Tokens.refreshToken(refreshed))) {
                secrets.add(token.substring(token.lastIndexOf('.') + 1));
                secrets.add(token.split("\\.")[1]);
            }
            assertThat(log.lines()).anyMatch(line -> line.getLoggerName().equals("portcullis.events"));
            assertThat(log.lines()).anyMatch(line -> line.getLevel() == Level.TRACE);
            assertThat(leaks(log, secrets)).isEmpty();
        } finally {
            keys.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"access_token", "token"})
    @SecurityLine(31)
    void noLoggerPrintsTheQueryOfWhatFails(String parameter) {
        String query = "?" + parameter + "=S3CRET-of-a-query";
        String routes = "spring.cloud.gateway.server.webflux.routes";
        DemoKeys keys = DemoKeys.generate();
        try (RawListener backend = RawListener.start();
                TestGateway gateway = TestGateway.start(
                        keys,
                        backend.uri(),
                        routes + "[0].id=bug",
                        routes + "[0].uri=" + backend.uri(),
                        routes + "[0].predicates[0]=Path=/bug",
                        routes + "[0].filters[0]=SetPath=/{nowhere}",
                        routes + "[1].id=others",
                        routes + "[1].uri=" + backend.uri(),
                        routes + "[1].predicates[0]=Path=/**");
                CapturedLog log = CapturedLog.of(Logger.ROOT_LOGGER_NAME, Level.TRACE)) {
            for (String half : List.of(
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")) {
                try (RawConnection client = get(gateway, "/half" + query)) {
                    try (RawConnection accepted = backend.accept()) {
                        accepted.head();
                        accepted.write(half);
                        client.until("half");
                    }
                    assertThat(client.rest()).doesNotContain("0\r\n");
                }
            }
            try (RawConnection client = get(gateway, "/none" + query)) {
                backend.accept().close();
                assertThat(client.head()).startsWith("HTTP/1.1 502 ");
            }
            try (RawConnection client = get(gateway, "/left" + query);
                    RawConnection accepted = backend.accept()) {
                accepted.head();
                accepted.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                client.until("half");
                client.reset();
                assertThat(accepted.endsSoon()).isTrue();
            }
            try (RawConnection client = get(gateway, "/bug" + query)) {
                assertThat(client.head()).startsWith("HTTP/1.1 500 ");
            }

            assertThat(log.lines())
                    .filteredOn(line -> line.getLevel() == Level.WARN)
                    .filteredOn(line ->
                            line.getFormattedMessage().startsWith("Answer broken off by the backend: route others, "))
                    .hasSize(2);
            assertThat(log.lines())
                    .filteredOn(line -> line.getLevel() == Level.ERROR)
                    .singleElement()
                    .satisfies(line -> assertThat(CapturedLog.text(line))
                            .contains("GET /bug failed, route bug", "IllegalArgumentException"));
            assertThat(leaks(log, List.of("S3CRET"))).isEmpty();
        } finally {
            keys.close();
        }
    }

    private static RawConnection get(TestGateway gateway, String target) {
        return RawConnection.to(gateway.port()).write("GET " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
    }

    private static Set<String> leaks(CapturedLog log, List<String> secrets) {
        Set<String> leaks = new TreeSet<>();
        log.lines().forEach(line -> {
            String text = CapturedLog.text(line);
            secrets.stream()
                    .filter(text::contains)
                    .forEach(secret -> leaks.add(line.getLevel() + " " + line.getLoggerName() + ": "
                            + text.substring(0, Math.min(300, text.length()))));
        });
        return leaks;
    }
}
