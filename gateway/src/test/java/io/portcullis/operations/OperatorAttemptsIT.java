package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawClient;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Guessing passwords at the management port. */
class OperatorAttemptsIT {

    private static String status(TestGateway gateway, String from, String password) {
        return RawClient.sendFrom(
                from,
                gateway.managementPort(),
                "GET /actuator/sessions?realm=app&subject=u1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Authorization: " + ManagementPort.basic("ada", password) + "\r\n\r\n");
    }

    @Test
    void whoGuessesIsToldToWaitAndNobodyElse() {
        DemoKeys keys = DemoKeys.generate();
        try (TestGateway gateway = TestGateway.start(
                keys,
                "http://127.0.0.1:9",
                "portcullis.operators.passwords.ada={bcrypt}" + new BCryptPasswordEncoder(4).encode("a secret"),
                "portcullis.operators.attempts.per-minute=1",
                "portcullis.operators.attempts.burst=3")) {
            for (int i = 0; i < 2; i++) {
                assertThat(status(gateway, "127.0.0.2", "a guess")).startsWith("HTTP/1.1 401 ");
            }
            assertThat(status(gateway, "127.0.0.3", "a secret")).startsWith("HTTP/1.1 200 ");
            assertThat(status(gateway, "127.0.0.3", "a guess")).startsWith("HTTP/1.1 401 ");

            assertThat(status(gateway, "127.0.0.4", "a secret"))
                    .startsWith("HTTP/1.1 429 ")
                    .containsPattern("(?i)\r\nRetry-After: ([1-9]|[1-5]\\d|60)\r\n")
                    .doesNotContainIgnoringCase("www-authenticate");
            assertThat(gateway.bean(MeterRegistry.class)
                            .get("portcullis.operators.limited")
                            .tag("kind", "name")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(RawClient.sendFrom(
                            "127.0.0.4",
                            gateway.managementPort(),
                            "GET /actuator/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        } finally {
            keys.close();
        }
    }
}
