package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A {@code config/} as Kubernetes mounts it: made of links, and a component of {@code k8s/} has put a folder into it. */
class MountedConfigIT {
    @TempDir
    private Path directory;

    /** As the kubelet does it: every entry is a link into {@code ..data}, which is one to the folder of this version. */
    private Path mountConfig() throws IOException {
        Path config = Files.createDirectory(directory.resolve("config"));
        Path version = Files.createDirectory(config.resolve("..2026_11_26_00_00_00.0000000001"));
        for (String file : new String[] {"application.yml", "openapi.yaml", "realms.yml", "routes.yml"}) {
            Files.copy(Path.of("config", file), version.resolve(file));
        }
        Files.createDirectory(version.resolve("adoption"));
        Files.copy(Path.of("k8s/components/adoption/application.yml"), version.resolve("adoption/application.yml"));
        Files.createSymbolicLink(config.resolve("..data"), version.getFileName());
        for (String entry : version.toFile().list()) {
            Files.createSymbolicLink(config.resolve(entry), Path.of("..data", entry));
        }
        return config;
    }

    /** Spring Boot's own list of places, for this folder instead of that of the working directory. */
    private static String places(Path config) {
        return "spring.config.location=optional:classpath:/,optional:file:" + config + "/;optional:file:" + config
                + "/*/";
    }

    @Test
    void aFolderOfAComponentIsReadAfterTheFilesBesideIt() throws IOException, InterruptedException {
        Path config = mountConfig();
        try (DemoKeys keys = DemoKeys.generate();
                DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
                TestGateway gateway = TestGateway.start(keys, backend.uri(), places(config))) {
            HttpResponse<String> login = gateway.client()
                    .send(
                            HttpRequest.newBuilder(URI.create(backend.uri() + "/api/auth/login"))
                                    .POST(BodyPublishers.ofString("{\"email\":\"ada@example.com\",\"password\":\""
                                            + DemoBackend.PASSWORD + "\"}"))
                                    .build(),
                            BodyHandlers.ofString());
            String before = JsonMapper.shared()
                    .readTree(login.body())
                    .path("refreshToken")
                    .asString();

            HttpResponse<String> refresh = gateway.refresh(before);

            // the token was there before the gateway: by realms.yml alone it would be refused
            assertThat(backend.refreshesReached()).isEqualTo(1);
            assertThat(refresh.statusCode()).isEqualTo(503);
        }
    }
}
