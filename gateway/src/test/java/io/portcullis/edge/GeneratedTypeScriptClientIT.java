package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.InstalledProgram;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The TypeScript client ({@code fetch}) that was generated from {@code config/openapi.yaml}, strictly compiled and run by
 * Node.js against the gateway.
 */
class GeneratedTypeScriptClientIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void clientRefreshesAndIsRefusedOnceATokenIsReplayed() throws IOException {
        InstalledProgram node = InstalledProgram.of("node", "nodejs");
        Path program = compile(node);
        String credentials = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";

        try (DemoKeys keys = DemoKeys.generate();
                DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
                TestGateway gateway = TestGateway.start(keys, backend.uri())) {
            String told = node.run(
                    directory,
                    PATIENCE,
                    List.of(program.toString(), "http://127.0.0.1:" + gateway.port(), credentials));

            JsonNode refused = JsonMapper.shared()
                    .readTree("{\"status\":401,\"body\":{\"error\":\"Invalid or expired refresh token\"}}");
            JsonNode session = JsonMapper.shared().readTree(told);
            assertThat(session.get("message").asString()).isEqualTo("Token refreshed successfully");
            assertThat(session.get("expiresIn").intValue()).isEqualTo(1800);
            assertThat(session.get("me").intValue()).isEqualTo(200);
            assertThat(session.get("replayed")).isEqualTo(refused);
            assertThat(session.get("newest")).isEqualTo(refused);
            assertThat(session.get("missing").get("status").intValue()).isEqualTo(400);
        }
    }

    private Path compile(InstalledProgram node) throws IOException {
        Path sources = directory.resolve("sources");
        FileSystemUtils.copyRecursively(Path.of(System.getProperty("portcullis.typescript-client")), sources);
        Path main = sources.resolve("refresh.ts");
        try (InputStream ours = Objects.requireNonNull(getClass().getResourceAsStream("/clients/refresh.ts"))) {
            Files.copy(ours, main);
        }
        Path compiled = Files.createDirectory(directory.resolve("compiled"));
        Files.writeString(compiled.resolve("package.json"), "{\"type\":\"module\"}");
        node.run(
                directory,
                PATIENCE,
                List.of(
                        System.getProperty("portcullis.typescript-compiler"),
                        "--strict",
                        "--target",
                        "es2022",
                        "--module",
                        "es2022",
                        "--moduleResolution",
                        "bundler",
                        "--lib",
                        "es2022,dom,dom.iterable",
                        "--outDir",
                        compiled.toString(),
                        main.toString()));
        return compiled.resolve("refresh.js");
    }
}
