package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.RedisUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** TLS and AUTH to Redis: security.md, 26. What README.md of {@code config/} has for it. */
@ExtendWith(OutputCaptureExtension.class)
class RedisTlsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String LOGIN = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";

    @TempDir
    private static Path directory;

    private static int port;
    private static DemoKeys keys;
    private static DemoBackend backend;
    private static RedisServer redis;

    @BeforeAll
    static void start() throws IOException {
        port = GatewayProcess.freePort();
        try (ServerKey key = ServerKey.generate();
                ServerKey stranger = ServerKey.generate()) {
            Files.writeString(file("redis.pem"), key.pem());
            Files.writeString(file("ca.crt"), key.certificate());
            Files.writeString(file("stranger.crt"), stranger.certificate());
        }
        redis = RedisServer.start(
                "--tls-port", Integer.toString(port),
                "--tls-cert-file", file("redis.pem").toString(),
                "--tls-key-file", file("redis.pem").toString(),
                "--tls-ca-cert-file", file("ca.crt").toString(),
                "--tls-auth-clients", "no");
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
    }

    @AfterAll
    static void end() {
        // of the wrong password
        redis.command("ACL", "LOG", "RESET");
        redis.close();
        backend.close();
        keys.close();
    }

    private static Path file(String name) {
        return directory.resolve(name);
    }

    private static TestGateway gateway(String url, String trusted) {
        return TestGateway.startElsewhere(
                keys,
                backend.uri(),
                "spring.data.redis.url=" + url,
                "spring.data.redis.ssl.bundle=redis",
                "spring.ssl.bundle.pem.redis.truststore.certificate=" + file(trusted),
                "portcullis.revocation.catch-up-timeout=100ms");
    }

    private static String tls() {
        return RedisUsers.url(port).replace("redis://", "rediss://");
    }

    @Test
    void gatewaySpeaksTlsToWhomItTrusts() {
        try (TestGateway gateway = gateway(tls(), "ca.crt")) {
            String token = Tokens.refreshToken(gateway.post("/api/auth/login", LOGIN));

            assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);
            assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void redisThatNobodyVouchesForIsToldNothing(CapturedOutput log) {
        try (TestGateway gateway = gateway(tls(), "stranger.crt")) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(log)
                            .contains("Redis cannot be reached: unable to find valid certification path"));

            assertThat(gateway.refresh(token()).statusCode()).isEqualTo(503);
            assertThat(log).doesNotContain(RedisUsers.PASSWORD);
        }
    }

    @Test
    void aWrongPasswordIsSaid(CapturedOutput log) {
        String wrong = tls().replace(RedisUsers.PASSWORD, "not-" + RedisUsers.PASSWORD);
        try (TestGateway gateway = gateway(wrong, "ca.crt")) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(log)
                            .contains("Redis cannot be reached: WRONGPASS invalid username-password pair"));

            assertThat(gateway.refresh(token()).statusCode()).isEqualTo(503);
            assertThat(log).doesNotContain(RedisUsers.PASSWORD);
        }
    }

    /** As with the ACL of an older gateway. */
    @Test
    void aCommandThatTheAclLacksIsSaid(CapturedOutput log) {
        try (TestGateway gateway = gateway(tls(), "ca.crt")) {
            String token = Tokens.refreshToken(gateway.post("/api/auth/login", LOGIN));
            redis.command("ACL", "SETUSER", RedisUsers.GATEWAY, "-hmget");

            assertThat(gateway.refresh(token).statusCode()).isEqualTo(503);

            assertThat(log).contains("Redis did not run a script: ").contains("can't run this command");
        } finally {
            redis.command("ACL", "SETUSER", RedisUsers.GATEWAY, "+hmget");
        }
    }

    private static String token() {
        try (TestGateway gateway = gateway(tls(), "ca.crt")) {
            return Tokens.refreshToken(gateway.post("/api/auth/login", LOGIN));
        }
    }
}
