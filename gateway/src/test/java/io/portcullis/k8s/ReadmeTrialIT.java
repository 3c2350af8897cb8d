package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.InstalledProgram;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * What {@code k8s/README.md} has its reader try before the switch, with a gateway that adopts and an application that
 * exchanges its own refresh tokens: the commands as they stand there, but for the addresses.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTrialIT {
    @AutoClose
    private final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private final ExchangingBackend backend = new ExchangingBackend(keys.accessTokenKey());

    @TempDir
    private Path directory;

    private InstalledProgram bash;

    @BeforeEach
    void curlIsThere() {
        bash = InstalledProgram.of("bash");
        InstalledProgram.of("curl");
    }

    /** From the first answer to the login by way of the proxies, in one shell that is typed the password into. */
    private static String commands() {
        String readme = Overlays.read(Path.of("k8s/README.md"));
        String section = readme.substring(
                readme.indexOf("\n### The gateway, with no way to it"), readme.indexOf("\n### The way in"));
        return Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(block -> block.group(1))
                .dropWhile(block -> !block.contains("gateway()"))
                .collect(Collectors.joining("", "exec <<< '" + DemoBackend.PASSWORD + "'\n", ""))
                // what is done in the proxies' pod is done here
                .replaceAll("kubectl -n ingress-nginx exec -i \\S+ -- \\\\\\R", "")
                .replace("http://portcullis.portcullis.svc", "http://localhost:8080")
                .replaceAll("kubectl -n portcullis logs .*\\R", "");
    }

    private String carriedOut(TestGateway gateway, String login) {
        return bash.run(
                directory,
                Duration.ofMinutes(1),
                List.of(
                        "-eu",
                        "-o",
                        "pipefail",
                        "-c",
                        commands()
                                .replace("/api/auth/login", login)
                                .replace("https://api.example.com", backend.uri())
                                .replace("localhost:8080", "127.0.0.1:" + gateway.port())
                                .replace("localhost:8081", "127.0.0.1:" + gateway.managementPort())));
    }

    /** What the reader looks for in the log last. */
    private static String looked() {
        String readme = Overlays.read(Path.of("k8s/README.md"));
        return found("logs .* \\| grep (client=\\S+)", readme).get(0);
    }

    private static List<String> found(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"/api/auth/login,dashboard", "/api/auth/local/login,app"})
    void anOldTokenIsAdoptedALoginOpensASessionAndItsAccessTokenIsTaken(
            String login, String realm, CapturedOutput output) throws IOException, InterruptedException {
        backend.login(login);
        try (TestGateway gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.forwarded.trusted-proxies=127.0.0.1",
                "portcullis.adoption.backend-uri=" + backend.uri() + "/api/auth/refresh",
                "portcullis.realms.dashboard.adoption.mode=backend",
                "portcullis.realms.app.adoption.mode=backend",
                "portcullis.realms.app.adoption.required-claims.projectId=*",
                "portcullis.cors.allowed-origins=https://app.example.com")) {

            String shown = carriedOut(gateway, login);

            // bodies end without a line's end
            assertThat(found("HTTP/1\\.1 (\\d+)", shown)).containsExactly("400", "200", "200", "200", "400");
            assertThat(shown)
                    .contains("\"UP\"")
                    .endsWith("200\n")
                    .contains("\"message\":\"Token refreshed successfully\"", "\"email\":\"ada@example.com\"")
                    .containsIgnoringCase("Access-Control-Allow-Origin: https://app.example.com");
            assertThat(found("(portcullis_.*)", shown))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).contains("outcome=\"adopted\"", "realm=\"" + realm + "\"} 1"),
                            line -> assertThat(line).contains("outcome=\"rotated\"", "realm=\"" + realm + "\"} 1"),
                            line -> assertThat(line)
                                    .contains("portcullis_sessions_opened_total{realm=\"" + realm + "\"} 1"));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(output.getOut().lines())
                            .as("the one by way of the proxies")
                            .filteredOn(line -> line.contains("Session opened"))
                            .anyMatch(line -> line.contains(looked())));
        }
    }
}
