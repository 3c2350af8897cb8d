package io.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

    @Test
    void whoIsOnTheMachineSeesTheSessions() throws IOException, InterruptedException {
        int port = demo.getEnvironment().getRequiredProperty("local.management.port", Integer.class);

        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port
                                        + "/actuator/sessions?realm=dashboard&subject=nobody"))
                                .build(),
                        BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"sessions\":[]}");
    }
}
