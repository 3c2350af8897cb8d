package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.web.server.WebFilter;

/** Operators with passwords; the public port does not notice. */
class OperatorSecurityIT {
    private static final String SID = ManagementPort.SESSIONS + "/AAAAAAAAAAAAAAAAAAAAAAAA";
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.operators.passwords.ada={bcrypt}" + new BCryptPasswordEncoder(4).encode("a secret"),
                "portcullis.operators.passwords.bob={noop}another secret");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static int status(String path, String... headers) {
        return ManagementPort.of(gateway, headers).get(path).statusCode();
    }

    @Test
    void operatorsPasswordOpensTheEndpoint() {
        assertThat(status(SID, "Authorization", ManagementPort.basic("ada", "a secret")))
                .isEqualTo(404);
        assertThat(status(SID, "Authorization", ManagementPort.basic("bob", "another secret")))
                .isEqualTo(404);
    }

    @Test
    @SecurityLine(46)
    void nothingElseDoes() {
        assertThat(status(SID)).isEqualTo(401);
        assertThat(status(SID, "Authorization", ManagementPort.basic("ada", "another secret")))
                .isEqualTo(401);
        assertThat(status(SID, "Authorization", ManagementPort.basic("eve", "a secret")))
                .isEqualTo(401);
        assertThat(status(SID, "Authorization", ManagementPort.basic("ada", "")))
                .isEqualTo(401);
        assertThat(status(SID, "Authorization", "Bearer x")).isEqualTo(401);
        ManagementPort nobody = ManagementPort.of(gateway);
        assertThat(nobody.delete(SID).statusCode()).isEqualTo(401);
        assertThat(nobody.delete(ManagementPort.of("app", "u1")).statusCode()).isEqualTo(401);
        assertThat(nobody.post(ManagementPort.SESSIONS, "{}").statusCode()).isEqualTo(401);
        assertThat(nobody.send(nobody.request(SID).method("OPTIONS", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    @SecurityLine(46)
    void whoeverIsNotLetInIsToldWithoutTheNameTheyGave() {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            status(SID, "Authorization", ManagementPort.basic("my-password", "another secret"));
            status(SID, "Authorization", ManagementPort.basic("bob", "another secret"));

            await().until(() -> log.lines().size() == 2);
            assertThat(log.lines())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactlyInAnyOrder(
                            "Operator refused: realm=none status=401 client=127.0.0.1",
                            "Operator called: realm=none sid=AAAAAAAAAAAAAAAAAAAAAAAA operator=bob call=show"
                                    + " status=404 client=127.0.0.1");
        }
    }

    @Test
    void nameIsWrittenAsItIsConfigured() {
        assertThat(status(SID, "Authorization", ManagementPort.basic("BOB", "another secret")))
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/sessions/",
                "/actuator/sessions;x/AAAAAAAAAAAAAAAAAAAAAAAA",
                "/actuator/%73essions/AAAAAAAAAAAAAAAAAAAAAAAA",
                "/actuator//sessions/AAAAAAAAAAAAAAAAAAAAAAAA",
                "/actuator/./sessions/AAAAAAAAAAAAAAAAAAAAAAAA",
                "/actuator/health/../sessions/AAAAAAAAAAAAAAAAAAAAAAAA",
                "/actuator/sessions%2FAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    @SecurityLine(46)
    void noSpellingOfThePathGoesAround(String path) {
        assertThat(status(path)).isIn(400, 401, 404);
        assertThat(ManagementPort.of(gateway).get(path).body()).doesNotContain("no such session", "sessions\":");
    }

    @Test
    void otherEndpointsStayOpenAndAsTheyWere() {
        for (String path :
                List.of("/actuator/health", "/actuator/health/liveness", "/actuator/prometheus", "/actuator/info")) {
            var answer = ManagementPort.of(gateway).get(path);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().map().keySet())
                    .doesNotContain("x-frame-options", "cache-control", "x-content-type-options", "www-authenticate");
        }
    }

    @Test
    void publicPortHasNoFilterOfSpringSecurity() {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Of-The-Backend: 1\r\n\r\nok");

        var forwarded = gateway.get("/api/things;a=b/%2e?x=%00", "Authorization", ManagementPort.basic("eve", "no"));

        assertThat(gateway.beans(WebFilter.class)).isNotEmpty().noneMatch(WebFilterChainProxy.class::isInstance);
        assertThat(forwarded.statusCode()).isEqualTo(200);
        assertThat(forwarded.headers().map().keySet()).containsExactlyInAnyOrder("content-length", "x-of-the-backend");
    }
}
