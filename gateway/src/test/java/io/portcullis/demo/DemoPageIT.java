package io.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.HeadlessChromium;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The demo's page in headless Chromium: the story that it plays by its own buttons, as it stands there at the end. */
class DemoPageIT {
    private static ConfigurableApplicationContext demo;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        demo = DemoApplication.start("--server.port=0", "--management.server.port=0");
    }

    @AfterAll
    static void stop() {
        demo.close();
    }

    @Test
    void thePageShowsTheRotationsTheReplayAndTheEndOfTheSession() {
        String page = browse("--dump-dom", "--virtual-time-budget=20000");

        assertThat(page).contains("data-played=\"true\"");
        assertThat(page.split("class=\"generation ", -1)).hasSize(1 + 3);
        assertThat(page)
                .contains("class=\"generation dead reused\" data-generation=\"1\"")
                .contains("class=\"generation dead\" data-generation=\"2\"")
                .contains("Revoked (reuse)");
        assertThat(page.substring(page.indexOf("id=\"wire\"")))
                .containsSubsequence(
                        "you: POST /api/auth/login → 200",
                        "you: POST /api/auth/refresh → 200",
                        "you: POST /api/auth/refresh → 200",
                        "you: GET /api/me → 200",
                        "thief: POST /api/auth/refresh → 401",
                        "you: GET /api/me → 401",
                        "you: POST /api/auth/refresh → 401");
    }

    private String browse(String... how) {
        int port = ((ReactiveWebServerApplicationContext) demo).getWebServer().getPort();
        return HeadlessChromium.program()
                .run(
                        directory,
                        Duration.ofMinutes(2),
                        HeadlessChromium.arguments(directory, "http://localhost:" + port + "/demo#play", how));
    }
}
