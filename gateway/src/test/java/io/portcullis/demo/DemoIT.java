package io.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** What the README shows, word for word: its shell lines against the demo it tells the reader to start. */
class DemoIT {
    private static ConfigurableApplicationContext demo;

    @BeforeAll
    static void start() {
        demo = DemoApplication.start("--server.port=0", "--management.server.port=0");
    }

    @AfterAll
    static void stop() {
        demo.close();
    }

    @Test
    void theReadmesLinesShowARotationAndARevokedSession() throws IOException, InterruptedException {
        int port = ((ReactiveWebServerApplicationContext) demo).getWebServer().getPort();
        Process shell = new ProcessBuilder("bash", "-eu", "-c", DemoInstructions.forPort(port))
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();

        String shown = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(shell.exitValue()).as(shown).isZero();
        String refused = "HTTP/1\\.1 401 Unauthorized.*\\{\"error\":\"Invalid or expired refresh token\"}";
        assertThat(shown)
                .matches("(?s)\\{\"message\":\"Login successful\",.*\\{\"message\":\"Token refreshed successfully\",.*"
                        + refused + ".*" + refused + "\\s*");
        assertThat(demo.getBean(DemoBackend.class).refreshesReached()).isZero();
    }
}
