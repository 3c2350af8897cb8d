package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The folder {@code config/} as the Deployment mounts it: made of links, with what the projected volume has of each ConfigMap.
 * The gateway goes by its files, and by none of this directory's {@code config/}, from which they differ here.
 */
class MountedConfigIT {
    private static final String LIFETIME = "access-token-lifetime: 30m";
    private static final String REFRESHED = "- Path=/api/auth/refresh\n";

    @TempDir
    private Path directory;

    @AutoClose
    private final DemoKeys keys = DemoKeys.generate();

    @AutoClose
    private final ExchangingBackend backend = new ExchangingBackend(keys.accessTokenKey());

    /** As the kubelet does it: every entry is a link into {@code ..data}, which is one to the folder of this version. */
    private String mounted(String overlay) throws IOException {
        Path config = Files.createDirectory(directory.resolve("config"));
        Path version = Files.createDirectory(config.resolve("..2026_11_26_00_00_00.0000000001"));
        Manifest manifest = Overlays.manifest(overlay);
        JsonNode volume = new GatewayDeployment(manifest)
                .template()
                .spec()
                .path("volumes")
                .valueStream()
                .filter(one -> one.path("name").asString().equals("config"))
                .findFirst()
                .orElseThrow();
        for (JsonNode source : volume.at("/projected/sources")) {
            project(manifest, source.path("configMap"), version);
        }
        Files.createSymbolicLink(config.resolve("..data"), version.getFileName());
        for (String entry : version.toFile().list()) {
            Files.createSymbolicLink(config.resolve(entry), Path.of("..data", entry));
        }
        change(config.resolve("realms.yml"), LIFETIME, "access-token-lifetime: 17m");
        change(config.resolve("routes.yml"), REFRESHED, "- Path=/api/auth/refresh,/mounted/refresh\n");
        // Spring Boot's own list of places, for this folder instead of that of the working directory
        return "spring.config.location=optional:classpath:/,optional:file:" + config + "/;optional:file:" + config
                + "/*/";
    }

    private static void project(Manifest manifest, JsonNode configMap, Path folder) throws IOException {
        Map<String, String> data = KubernetesObject.map(
                manifest.get("ConfigMap", configMap.path("name").asString()).at("/data"));
        if (configMap.path("items").isMissingNode()) {
            for (Map.Entry<String, String> file : data.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        }
        for (JsonNode item : configMap.path("items")) {
            Path file = folder.resolve(item.path("path").asString());
            Files.createDirectories(file.getParent());
            Files.writeString(file, data.get(item.path("key").asString()));
        }
    }

    private static void change(Path file, String text, String other) throws IOException {
        assertThat(Files.readString(file)).contains(text);
        Files.writeString(file, Files.readString(file).replace(text, other));
    }

    /** An answer to a refresh with a token that was there before the gateway. */
    private HttpResponse<String> refreshed(TestGateway gateway, String login) throws IOException, InterruptedException {
        String before = JsonMapper.shared()
                .readTree(backend.login(login))
                .path("refreshToken")
                .asString();
        return gateway.post("/mounted/refresh", "{\"refreshToken\":\"" + before + "\"}");
    }

    @Test
    void theMountedFilesCountAndAFolderOfAComponentIsReadAfterThem() throws IOException, InterruptedException {
        try (TestGateway gateway = TestGateway.start(keys, backend.uri(), mounted("prod+adoption"))) {
            for (String login : new String[] {"/api/auth/login", "/api/auth/local/login"}) {
                HttpResponse<String> refresh = refreshed(gateway, login);

                assertThat(refresh.statusCode()).as(login).isEqualTo(200);
                assertThat(refresh.body()).contains("\"expiresIn\":1020");
            }
            assertThat(backend.exchanges()).isEqualTo(2);
        }
    }

    @Test
    void withoutTheComponentNothingIsAdopted() throws IOException, InterruptedException {
        try (TestGateway gateway = TestGateway.start(keys, backend.uri(), mounted("prod"))) {
            assertThat(refreshed(gateway, "/api/auth/login").statusCode()).isEqualTo(401);
            assertThat(backend.exchanges()).isZero();
        }
    }
}
