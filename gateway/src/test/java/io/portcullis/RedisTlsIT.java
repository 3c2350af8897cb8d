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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
    private static RedisServer redis;
    private static String token;

    // one a test: whichever gateway closes ends the network threads of all
    private DemoBackend backend;

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
        try (DemoBackend demo = DemoBackend.start(keys.accessTokenKey());
                TestGateway gateway = gateway(demo, tls(), "ca.crt")) {
            token = Tokens.refreshToken(gateway.post("/api/auth/login", LOGIN));
        }
    }

    @AfterAll
    static void end() {
        redis.close();
        keys.close();
    }

    @BeforeEach
    void startBackend() {
        backend = DemoBackend.start(keys.accessTokenKey());
    }

    @AfterEach
    void stopBackend() {
        backend.close();
        // of the wrong password
        redis.command("ACL", "LOG", "RESET");
    }

    private static Path file(String name) {
        return directory.resolve(name);
    }

    private TestGateway gateway(String url, String trusted) {
        return gateway(backend, url, trusted);
    }

    private static TestGateway gateway(DemoBackend backend, String url, String trusted) {
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
    @SecurityLine(26)
    void gatewaySpeaksTlsToWhomItTrusts() {
        try (TestGateway gateway = gateway(tls(), "ca.crt")) {
            String opened = Tokens.refreshToken(gateway.post("/api/auth/login", LOGIN));

            assertThat(gateway.refresh(opened).statusCode()).isEqualTo(200);
            assertThat(gateway.refresh(opened).statusCode()).isEqualTo(401);
        }
    }

    @Test
    @SecurityLine(26)
    void redisThatNobodyVouchesForIsToldNothing(CapturedOutput log) {
        try (TestGateway gateway = gateway(tls(), "stranger.crt")) {
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(log).containsPattern("Redis cannot be reached: .*PKIX path .* failed"));

            assertThat(gateway.refresh(token).statusCode()).isEqualTo(503);
            assertThat(log).doesNotContain(RedisUsers.PASSWORD);
        }
    }

    @Test
    @SecurityLine(26)
    void aWrongPasswordIsSaid(CapturedOutput log) {
        String wrong = tls().replace(RedisUsers.PASSWORD, "not-" + RedisUsers.PASSWORD);
        try (TestGateway gateway = gateway(wrong, "ca.crt")) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(log)
                            .contains("Redis cannot be reached: WRONGPASS invalid username-password pair"));

            assertThat(gateway.refresh(token).statusCode()).isEqualTo(503);
            assertThat(log).doesNotContain(RedisUsers.PASSWORD);
        }
    }

    /** As with the ACL of an older gateway. */
    @Test
    void aCommandThatTheAclLacksIsSaid(CapturedOutput log) {
        try (TestGateway gateway = gateway(tls(), "ca.crt")) {
            redis.command("ACL", "SETUSER", RedisUsers.GATEWAY, "-hmget");

            assertThat(gateway.refresh(token).statusCode()).isEqualTo(503);

            assertThat(log).contains("Redis did not run a script: ").contains("can't run this command");
        } finally {
            redis.command("ACL", "SETUSER", RedisUsers.GATEWAY, "+hmget");
        }
    }
}
