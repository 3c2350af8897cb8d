package io.portcullis.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Who watches Redis, its log and its slow log learns neither a token nor a name. */
class WatchedRedisIT {
    private static final String CANARY = "canary@example.com";
    private static final String THE_END = "the end of it";

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    private final TestGateway gateway = FIXTURE.gateway();
    private final RedisServer redis = gateway.redis();
    private final List<String> secrets = new ArrayList<>();

    private HttpResponse<String> noted(HttpResponse<String> answer) {
        for (String token : List.of(Tokens.accessToken(answer), Tokens.refreshToken(answer))) {
            // the slow log cuts what is long
            Stream.of(token.split("\\."))
                    .skip(1)
                    .map(part -> part.substring(0, 40))
                    .forEach(secrets::add);
            secrets.add(Tokens.claims(token).get("sub").asString());
        }
        return answer;
    }

    private HttpResponse<String> login(String path, String email) {
        secrets.add(email);
        return noted(gateway.post(path, "{\"email\":\"" + email + "\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
    }

    private void callEverything() {
        for (String path : List.of("/api/auth/login", "/api/auth/local/login")) {
            HttpResponse<String> first = login(path, "ada@example.com");
            HttpResponse<String> second = noted(gateway.refresh(Tokens.refreshToken(first)));
            gateway.refresh(Tokens.refreshToken(first));
            gateway.refresh(Tokens.refreshToken(second));
            HttpResponse<String> other = login(path, "bob@example.com");
            gateway.send(gateway.request(
                            path.replace("login", "logout"), "Authorization", "Bearer " + Tokens.accessToken(other))
                    .POST(BodyPublishers.noBody()));
            gateway.refresh(Tokens.refreshToken(other));
            HttpResponse<String> third = login(path, "eve@example.com");
            gateway.send(gateway.request("/api/users/password", "Authorization", "Bearer " + Tokens.accessToken(third))
                    .method("PATCH", BodyPublishers.ofString("{}")));
        }
        gateway.refresh("a.b.c");
    }

    private String watched() throws IOException {
        try (RespConnection monitor = RespConnection.open(redis.port())) {
            monitor.call("MONITOR");
            callEverything();
            redis.command("SET", "canary", CANARY);
            redis.command("ECHO", THE_END);
            StringBuilder seen = new StringBuilder();
            for (String line = monitor.next(); !line.contains(THE_END); line = monitor.next()) {
                seen.append(line).append('\n');
            }
            return seen.toString();
        }
    }

    private String log() throws IOException {
        StringBuilder log = new StringBuilder();
        try (Stream<Path> files = Files.walk(redis.directory().resolve("appendonlydir"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                log.append(Files.readString(file, ISO_8859_1));
            }
        }
        return log.toString();
    }

    @Test
    @SecurityLine(25)
    void neitherMonitorNorSlowLogNorAppendOnlyFileLetsAnybodyInOrNamesAnybody() throws IOException {
        redis.command("CONFIG", "SET", "appendfsync", "always");
        redis.command("CONFIG", "SET", "rdbcompression", "no");
        redis.command("CONFIG", "SET", "appendonly", "yes");
        redis.command("CONFIG", "SET", "slowlog-log-slower-than", "0");
        redis.command("CONFIG", "SET", "slowlog-max-len", "100000");

        String monitor = watched();
        String slow = redis.command("SLOWLOG", "GET", "-1");

        for (String seen : List.of(monitor, slow, log())) {
            assertThat(seen.contains(CANARY)).as("what is there is seen").isTrue();
            assertThat(seen.contains("portcullis:sessions:")).isTrue();
            assertThat(secrets).hasSizeGreaterThan(30).noneMatch(seen::contains);
        }
    }
}
