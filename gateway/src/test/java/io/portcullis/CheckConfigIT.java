package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code java -jar portcullis-gateway.jar --check-config}: what a start would say, by its exit code and in its words. */
class CheckConfigIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
    private static final String CHECK = "--check-config";

    @AutoClose
    private static final DemoKeys KEYS = DemoKeys.generate();

    /** Redis, as far as anybody looks for it. */
    @AutoClose
    private final RawListener redis = RawListener.start();

    private Map<String, String> variables() {
        return new HashMap<>(Map.of(
                "SPRING_DATA_REDIS_URL",
                "redis://127.0.0.1:" + redis.port(),
                "BACKEND_URI",
                "http://127.0.0.1:3000",
                "ACCESS_TOKEN_KEYS",
                KEYS.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS",
                KEYS.refreshTokenKeys().toString(),
                "SERVER_ADDRESS",
                "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS",
                "127.0.0.1"));
    }

    private static List<String> problems(String output) {
        return output.lines().filter(line -> line.startsWith(" - ")).toList();
    }

    @Test
    void configurationThatCanBeUsedIsSaidToBeSoWithoutAPortAndWithoutRedis() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket taken = new ServerSocket(0, 1, here);
                ServerSocket takenToo = new ServerSocket(0, 1, here)) {
            Map<String, String> variables = variables();
            variables.put("SERVER_PORT", Integer.toString(taken.getLocalPort()));
            variables.put("MANAGEMENT_SERVER_PORT", Integer.toString(takenToo.getLocalPort()));

            try (GatewayProcess check = GatewayProcess.command(variables, CHECK)) {
                assertThat(check.exitCode(ENDS_WITHIN)).as(check::output).isZero();
                check.assumeUsualOutput();
                assertThat(check.output().lines()).last().isEqualTo("The configuration can be used.");
            }
        }
        assertThat(redis.isLeftAloneFor(1)).isTrue();
    }

    @Test
    void whatWouldStopAStartIsSaidInTheSameWords() throws InterruptedException {
        Map<String, String> wrong = variables();
        wrong.put("SERVER_PORT", "http");
        wrong.put("SPRING_DATA_REDIS_URL", "redis://redis.example");
        wrong.put("BACKEND_URI", "http://user:hunter2@127.0.0.1/api");
        wrong.put("REFRESH_TOKEN_KEYS", KEYS.accessTokenKeys().toString());
        wrong.put("PORTCULLIS_REALMS_APP_IDLELIFETIME", "1000d");
        wrong.put("MANAGEMENT_SERVER_ADDRESS", "0.0.0.0");
        wrong.put("MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE", "*");

        try (GatewayProcess check = GatewayProcess.command(wrong, CHECK);
                GatewayProcess start = GatewayProcess.start(wrong)) {
            assertThat(check.exitCode(ENDS_WITHIN)).isEqualTo(1);
            assertThat(start.exitCode(ENDS_WITHIN)).isEqualTo(1);
            assertThat(check.output()).doesNotContain("hunter2");
            check.assumeUsualOutput();
            assertThat(problems(check.output()))
                    .hasSizeGreaterThan(8)
                    .containsExactlyElementsOf(problems(start.output()))
                    .anyMatch(problem -> problem.contains("SERVER_PORT"))
                    .anyMatch(problem -> problem.contains("SPRING_DATA_REDIS_URL") && problem.contains("no password"))
                    .anyMatch(problem -> problem.contains("BACKEND_URI"))
                    .anyMatch(problem -> problem.contains("REFRESH_TOKEN_KEYS") && problem.contains("one purpose"))
                    .anyMatch(problem -> problem.contains("PORTCULLIS_REALMS_APP_IDLELIFETIME"))
                    .anyMatch(problem -> problem.contains("MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE"));
            assertThat(check.output()).contains("config/README.md").doesNotContain("\tat ", "can be used.");
        }
    }

    @Test
    void routeThatCannotBeMadeIsSaidToo() throws InterruptedException {
        String route = "--spring.cloud.gateway.server.webflux.routes[0].";

        try (GatewayProcess check = GatewayProcess.command(
                variables(),
                CHECK,
                route + "id=mine",
                route + "uri=http://127.0.0.1:3000",
                route + "predicates[0]=Path=/**",
                route + "filters[0]=OpenSession=nobody")) {
            assertThat(check.exitCode(ENDS_WITHIN)).isEqualTo(1);
            assertThat(check.output()).contains("no realm 'nobody'", "[app, dashboard]");
        }
        assertThat(redis.isLeftAloneFor(1)).isTrue();
    }

    @Test
    void argumentsAreCheckedToo() throws InterruptedException {
        try (GatewayProcess check = GatewayProcess.command(variables(), CHECK, "--portcullis.keys.poll-interval=1ms")) {
            assertThat(check.exitCode(ENDS_WITHIN)).isEqualTo(1);
            check.assumeUsualOutput();
            assertThat(problems(check.output()))
                    .containsExactly(" - portcullis.keys.poll-interval: is not between 100ms and 1h");
        }
    }
}
