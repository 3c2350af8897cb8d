package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.GatewayFixture;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What {@code k8s/README.md} looks for in the log is there, as the console of a gateway in shadow mode has it. */
@ExtendWith(OutputCaptureExtension.class)
class LogCommandsIT {
    @Test
    void aGrepOfTheReadmeFindsItsLine(CapturedOutput output) {
        List<String> looked = Pattern.compile("kubectl .* logs .* \\| grep '?([^'\\n]+)'?$", Pattern.MULTILINE)
                .matcher(Overlays.read(Path.of("k8s/README.md")))
                .results()
                .map(command -> command.group(1))
                // the client that a proxy names: ReadmeTrialIT
                .filter(text -> !text.startsWith("client="))
                .toList();
        assertThat(looked).hasSize(3);

        try (var world = GatewayFixture.beforeDemo("portcullis.realms.app.reuse.action=report")) {
            TestGateway gateway = world.gateway();
            String token = Tokens.refreshToken(gateway.post(
                    "/api/auth/local/login",
                    "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
            gateway.refresh(token);
            gateway.refresh(token);

            looked.forEach(text -> await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(output.getOut().lines())
                            .as(text)
                            .anyMatch(line -> line.contains(text)
                                    && line.contains("portcullis.events")
                                    && line.contains("client=127.0.0.1"))));
        }
    }
}
