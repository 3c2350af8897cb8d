package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar, started with the six variables of the operator's interface. */
class OperatorInterfaceIT {
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);

    private static final DemoKeys KEYS = DemoKeys.generate();
    private static final RedisServer REDIS = RedisServer.start();
    private static final DemoBackend BACKEND = DemoBackend.start(KEYS.accessTokenKey());
    private static final int PORT = GatewayProcess.freePort();
    private static final int MANAGEMENT_PORT = GatewayProcess.freePort();
    private static GatewayProcess gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayProcess.start(variables());
        gateway.awaitReady(MANAGEMENT_PORT);
    }

    @AfterAll
    static void end() {
        gateway.close();
        BACKEND.close();
        REDIS.close();
        KEYS.close();
    }

    private static Map<String, String> variables() {
        return new HashMap<>(Map.of(
                "SERVER_PORT", Integer.toString(PORT),
                "MANAGEMENT_SERVER_PORT", Integer.toString(MANAGEMENT_PORT),
                "SPRING_DATA_REDIS_URL", REDIS.url(),
                "BACKEND_URI", BACKEND.uri(),
                "ACCESS_TOKEN_KEYS", KEYS.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", KEYS.refreshTokenKeys().toString(),
                // a test listens on the loopback interface only
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1"));
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + PORT + path);
    }

    private static URI management(String path) {
        return URI.create("http://127.0.0.1:" + MANAGEMENT_PORT + path);
    }

    private static HttpResponse<String> refresh(String token) {
        return GatewayProcess.post(uri("/api/auth/refresh"), "{\"refreshToken\":\"" + token + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/auth/login", "/api/auth/local/login"})
    @SecurityLine(1)
    void personLogsInRefreshesAndAReplayRevokesTheSession(String login) {
        HttpResponse<String> opened = GatewayProcess.post(
                uri(login), "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        HttpResponse<String> refreshed = refresh(Tokens.refreshToken(opened));
        HttpResponse<String> me =
                GatewayProcess.get(uri("/api/me"), "Authorization", "Bearer " + Tokens.accessToken(refreshed));
        HttpResponse<String> replayed = refresh(Tokens.refreshToken(opened));
        HttpResponse<String> newest = refresh(Tokens.refreshToken(refreshed));

        assertThat(opened.statusCode()).isEqualTo(200);
        assertThat(refreshed.statusCode()).isEqualTo(200);
        assertThat(me.statusCode()).isEqualTo(200);
        assertThat(me.body()).contains("ada@example.com");
        assertThat(List.of(replayed.statusCode(), newest.statusCode())).containsExactly(401, 401);
        assertThat(BACKEND.refreshesReached()).isZero();
    }

    @Test
    @SecurityLine(46)
    void managementPortAnswersWhatIsListed() {
        assertThat(GatewayProcess.get(management("/actuator/health")).body()).contains("\"status\":\"UP\"");
        assertThat(GatewayProcess.get(management("/actuator/health/liveness")).statusCode())
                .isEqualTo(200);
        assertThat(GatewayProcess.get(management("/actuator/info")).statusCode())
                .isEqualTo(200);
        assertThat(GatewayProcess.get(management("/actuator/prometheus")).body())
                .contains("jvm_memory_used_bytes", "resilience4j_circuitbreaker_state");
    }

    @Test
    void managementPortSaysWhatTheJarIsMadeOf() {
        BillOfMaterialsIT.assumeIsMade();

        assertThat(GatewayProcess.get(management("/actuator/sbom/application")).body())
                .contains("\"bomFormat\" : \"CycloneDX\"", "pkg:maven/io.lettuce/lettuce-core@");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "heapdump", "configprops", "beans", "gateway/routes", "loggers", "shutdown"})
    @SecurityLine({31, 46})
    void managementPortAnswersNothingElse(String endpoint) {
        assertThat(GatewayProcess.get(management("/actuator/" + endpoint)).statusCode())
                .isEqualTo(404);
    }

    @Test
    void publicPathsAreNotOnTheManagementPort() {
        int forwarded = GatewayProcess.get(management("/api/me")).statusCode();
        int refreshed = GatewayProcess.post(management("/api/auth/refresh"), "{\"refreshToken\":\"x\"}")
                .statusCode();
        int described = GatewayProcess.get(management("/.well-known/portcullis/openapi.yaml"))
                .statusCode();

        assertThat(List.of(forwarded, refreshed, described)).containsExactly(404, 404, 404);
    }

    @Test
    @SecurityLine(31)
    void logHoldsNoTokenAndNoPersonalData() {
        HttpResponse<String> opened = GatewayProcess.post(
                uri("/api/auth/login"),
                "{\"email\":\"eve@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        refresh(Tokens.refreshToken(opened));
        refresh(Tokens.refreshToken(opened));

        assertThat(gateway.output())
                .contains("Refresh token reused")
                .doesNotContain("eyJ", "eve@", DemoBackend.PASSWORD);
    }

    @Test
    @SecurityLine(31)
    void metricsHoldNoTokenAndNoPersonalData() {
        HttpResponse<String> opened = GatewayProcess.post(
                uri("/api/auth/login"),
                "{\"email\":\"eve@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        String token = Tokens.refreshToken(opened);
        GatewayProcess.get(uri("/api/me?token=" + token + "&email=eve@example.com"));
        GatewayProcess.get(uri("/api/" + token));
        refresh(token);
        refresh(token);
        HttpResponse<String> refused = refresh("eyJ.of.eve@example.com");

        assertThat(GatewayProcess.get(management("/actuator/prometheus")).body())
                .contains("portcullis_refresh")
                .doesNotContain("eyJ", "eve@", Tokens.claims(token).get("sid").asString());
        assertThat(refused.body()).doesNotContain("eyJ", "eve@");
    }

    @Test
    void missingVariablesStopTheStartAndAreNamed() throws InterruptedException {
        try (GatewayProcess nothing = GatewayProcess.start(Map.of())) {
            assertThat(nothing.exitCode(ENDS_WITHIN)).isNotZero();
            nothing.assumeUsualOutput();
            assertThat(nothing.output())
                    .contains("SPRING_DATA_REDIS_URL", "BACKEND_URI", "ACCESS_TOKEN_KEYS", "REFRESH_TOKEN_KEYS")
                    .contains("is not set", "config/README.md")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void wrongVariablesStopTheStartAndAreNamedWithoutASecret() throws InterruptedException {
        Map<String, String> wrong = variables();
        wrong.put("SERVER_PORT", "http");
        wrong.put("MANAGEMENT_SERVER_PORT", "");
        wrong.put("SPRING_DATA_REDIS_URL", "redis://:hunter2@127.0.0.1:port");
        wrong.put("BACKEND_URI", "http://user:hunter3@127.0.0.1/api");
        wrong.put("ACCESS_TOKEN_KEYS", KEYS.accessTokenKey().getKeyValue().toString());
        wrong.put("REFRESH_TOKEN_KEYS", "/no/such/file.json");

        try (GatewayProcess process = GatewayProcess.start(wrong)) {
            assertThat(process.exitCode(ENDS_WITHIN)).isNotZero();
            assertThat(process.output())
                    .contains(variables().keySet().stream()
                            .filter(variable -> !variable.endsWith("_ADDRESS"))
                            .toList())
                    .contains("/no/such/file.json")
                    .doesNotContain("hunter2", "hunter3", wrong.get("ACCESS_TOKEN_KEYS"));
            process.assumeUsualOutput();
            assertThat(process.output()).doesNotContain("\tat ");
        }
    }

    @Test
    void portThatIsTakenStopsTheStartAndIsNamed() throws IOException, InterruptedException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> variables = variables();
            variables.put("SERVER_PORT", Integer.toString(taken.getLocalPort()));
            variables.put("MANAGEMENT_SERVER_PORT", Integer.toString(GatewayProcess.freePort()));

            try (GatewayProcess process = GatewayProcess.start(variables)) {
                assertThat(process.exitCode(ENDS_WITHIN)).isNotZero();
                assertThat(process.output()).contains("Port " + taken.getLocalPort() + " was already in use");
            }
        }
    }
}
