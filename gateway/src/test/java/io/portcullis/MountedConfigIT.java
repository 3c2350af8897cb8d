package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The gateway in a folder as Kubernetes mounts it: {@code config/} is made of links, and a component has put a folder into it. */
class MountedConfigIT {
    @TempDir
    private Path directory;

    /** As the kubelet does it: every entry is a link into {@code ..data}, which is one to the folder of this version. */
    private void mountConfig() throws IOException {
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
    }

    @Test
    void aFolderOfAComponentIsReadAfterTheFilesBesideIt() throws IOException {
        mountConfig();
        int port = GatewayProcess.freePort();
        int managementPort = GatewayProcess.freePort();
        try (DemoKeys keys = DemoKeys.generate();
                RedisServer redis = RedisServer.start();
                DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
                GatewayProcess gateway = GatewayProcess.startIn(
                        directory,
                        Map.of(
                                "SERVER_PORT", Integer.toString(port),
                                "MANAGEMENT_SERVER_PORT", Integer.toString(managementPort),
                                "SPRING_DATA_REDIS_URL", redis.url(),
                                "BACKEND_URI", backend.uri(),
                                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString()))) {
            gateway.awaitReady(managementPort);
            URI uri = URI.create("http://127.0.0.1:" + port);

            HttpResponse<String> login = GatewayProcess.post(
                    URI.create(backend.uri() + "/api/auth/login"),
                    "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
            String refreshToken = JsonMapper.shared()
                    .readTree(login.body())
                    .path("refreshToken")
                    .asString();
            HttpResponse<String> refresh = GatewayProcess.post(
                    uri.resolve("/api/auth/refresh"), "{\"refreshToken\":\"" + refreshToken + "\"}");

            // the token was there before the gateway: by config/realms.yml alone it would be refused
            assertThat(backend.refreshesReached()).isEqualTo(1);
            assertThat(refresh.statusCode()).isEqualTo(503);
            assertThat(GatewayProcess.get(uri.resolve("/.well-known/portcullis/openapi.yaml"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
