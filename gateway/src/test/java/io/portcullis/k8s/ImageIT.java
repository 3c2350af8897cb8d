package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.FreePort;
import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image that {@code Containerfile} makes, run as {@code k8s/base} has a cluster run it: with that Deployment's security
 * context, limits and folders, of which is read back from inside what the kernel made of them.
 */
class ImageIT {
    private static final Duration BUILDS_WITHIN = Duration.ofMinutes(8);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int DOWNLOAD_BYTES = 32 << 20;
    private static final String TRAINED = "portcullis-gateway-trained";

    private static Podman podman;
    private static GatewayDeployment deployment;
    private static String image;

    @AutoClose
    private static DemoKeys keys;

    @AutoClose
    private static RedisServer redis;

    @AutoClose
    private static DemoBackend backend;

    private static int port;

    @AutoClose
    private static GatewayContainer gateway;

    @BeforeAll
    static void build() throws IOException {
        podman = Podman.installed();
        StandInJava.build(podman);
        deployment = new GatewayDeployment(Manifest.parse(Kubectl.kustomize(Path.of("k8s/base"))));
        image = deployment.container().path("image").asString();
        build("--tag=" + image);
        keys = DemoKeys.generate();
        redis = RedisServer.start();
        backend = DemoBackend.start(keys.accessTokenKey());
        port = FreePort.any();
        gateway = start(port, backend.uri());
    }

    private static void build(String... more) {
        podman.run(
                BUILDS_WITHIN,
                Stream.of(
                                Stream.of("build", "--pull=never", "--network=none", "--file=Containerfile"),
                                Stream.of(more),
                                Stream.of("."))
                        .flatMap(words -> words)
                        .toArray(String[]::new));
    }

    private static GatewayContainer start(int publicPort, String backendUri) throws IOException {
        int managementPort = FreePort.any();
        GatewayContainer started = new GatewayContainer(
                podman,
                deployment,
                keys,
                Map.of(
                        "SERVER_PORT",
                        Integer.toString(publicPort),
                        "MANAGEMENT_SERVER_PORT",
                        Integer.toString(managementPort),
                        "BACKEND_URI",
                        backendUri,
                        "SPRING_DATA_REDIS_URL",
                        redis.url(),
                        // nobody in front of it has to notice
                        "PORTCULLIS_CONNECTIONS_DRAINTIME",
                        "1s",
                        // does not start with a cache of classes that is not this very image's
                        "JDK_JAVA_OPTIONS",
                        "-XX:AOTMode=on"));
        try {
            started.awaitReady(managementPort);
            return started;
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    private static String get(String path, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "GET " + path + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" + lines + "\r\n";
    }

    private static JsonNode post(String path, String body) {
        String answer = RawClient.send(
                port,
                "POST " + path
                        + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        return JsonMapper.shared().readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    private static JsonNode login() {
        return post("/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
    }

    private static JsonNode refresh(JsonNode tokens) {
        return post(
                "/api/auth/refresh",
                "{\"refreshToken\":\"" + tokens.path("refreshToken").asString() + "\"}");
    }

    @Test
    @SecurityLine(48)
    void theKernelHoldsItToTheManifestsSecurityContext() throws IOException {
        int user = deployment.template().spec().at("/securityContext/runAsUser").asInt();

        Map<String, String> seen = gateway.seenFromInside();

        assertThat(user).isPositive();
        assertThat(List.of(seen.get("Uid").split("\\s+"))).hasSize(4).containsOnly(Integer.toString(user));
        assertThat(List.of(seen.get("Gid").split("\\s+"))).hasSize(4).containsOnly(Integer.toString(user));
        assertThat(List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
                .allSatisfy(set -> assertThat(seen.get(set)).as(set).isEqualTo("0000000000000000"));
        assertThat(seen).containsEntry("NoNewPrivs", "1").containsEntry("Seccomp", "2");
        assertThat(seen).containsEntry("MemoryMax", Long.toString(gateway.memoryLimit()));
        assertThat(seen).containsEntry("Processors", "2");
    }

    @Test
    @SecurityLine(48)
    void onlyItsTemporaryFolderCanBeWrittenTo() throws IOException {
        List<String> readOnly =
                List.of("/", "/app", "/app/config", "/keys/access-token", "/keys/refresh-token", "/opt/java/openjdk");

        Map<String, String> seen = gateway.seenFromInside(
                Stream.concat(readOnly.stream(), Stream.of("/tmp")).toArray(String[]::new));

        // not for want of permission: that root could not either
        assertThat(readOnly).allSatisfy(folder -> assertThat(seen).containsEntry(folder, "Read-only file system"));
        assertThat(seen).containsEntry("/tmp", "written");
    }

    @Test
    void itRotatesAndForwardsWithinItsMemory() throws IOException {
        for (int session = 0; session < 20; session++) {
            JsonNode tokens = login();
            for (int generation = 0; generation < 10; generation++) {
                tokens = refresh(tokens);
            }
            String bearer = "Authorization: Bearer " + tokens.path("token").asString();
            assertThat(RawClient.send(port, get("/api/me", bearer))).startsWith("HTTP/1.1 200 ");
        }

        long peak = Long.parseLong(gateway.seenFromInside().get("VmHWM").replace(" kB", "")) * 1024;
        System.out.println(
                "Peak of the gateway's resident memory: " + (peak >> 20) + " MiB of " + (gateway.memoryLimit() >> 20));
        assertThat(peak).isLessThan(gateway.memoryLimit());
        assertThat(gateway.wasOutOfMemory()).isFalse();
        assertThat(backend.refreshesReached()).isZero();
    }

    /** As config/README.md has it for CI. */
    @Test
    void itSaysWithoutANetworkThatAConfigurationCanBeUsed(@TempDir Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(keys.accessTokenKeys(), folder.resolve("access.json"));
        Files.copy(keys.refreshTokenKeys(), folder.resolve("refresh.json"));
        Path variables = Files.writeString(folder.resolve("gateway.env"), """
                SPRING_DATA_REDIS_URL=redis://:password@redis:6379
                BACKEND_URI=http://backend:3000
                ACCESS_TOKEN_KEYS=/keys/access.json
                REFRESH_TOKEN_KEYS=/keys/refresh.json
                """);

        String said = podman.run(
                "run",
                "--rm",
                "--pull=never",
                "--network=none",
                "--no-healthcheck",
                "--volume=" + Path.of("config").toAbsolutePath() + ":/app/config:ro",
                "--volume=" + folder + ":/keys:ro",
                "--env-file=" + variables,
                image,
                "--check-config");

        assertThat(said.lines()).last().isEqualTo("The configuration can be used.");
    }

    @Test
    void nobodysKeyIsInIt() throws IOException {
        Path root = Path.of(podman.run("image", "mount", image).trim());
        try (Stream<Path> files = Files.walk(root.resolve("app"))) {
            List<String> names = files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(name -> !name.startsWith("app/lib/"))
                    .toList();

            assertThat(names)
                    .containsExactlyInAnyOrder(
                            "app/portcullis-gateway.jar",
                            "app/portcullis-gateway.aot",
                            "app/config/application.yml",
                            "app/config/openapi.yaml",
                            "app/config/realms.yml",
                            "app/config/routes.yml");
            assertThat(root.resolve("training")).doesNotExist();
            String classes = Files.readString(root.resolve("app/portcullis-gateway.aot"), StandardCharsets.ISO_8859_1);
            assertThat(keysOfTheTraining()).hasSize(2).noneMatch(classes::contains);
        } finally {
            podman.run("image", "unmount", image);
        }
    }

    /** What was built already is not built again. */
    private static List<String> keysOfTheTraining() throws IOException {
        build("--target=trained", "--tag=" + TRAINED);
        Path root = Path.of(podman.run("image", "mount", TRAINED).trim());
        List<String> secrets = new ArrayList<>();
        try {
            for (String file : List.of("access-token-keys.json", "refresh-token-keys.json")) {
                JsonNode set = JsonMapper.shared()
                        .readTree(Files.readString(root.resolve("training").resolve(file)));
                secrets.add(set.at("/keys/0/k").asString());
            }
            return secrets;
        } finally {
            podman.run("image", "unmount", TRAINED);
        }
    }

    @Test
    void aDownloadThatRunsIsFinishedBeforeItEnds() throws IOException {
        int ownPort = FreePort.any();
        try (RawBackend slow = RawBackend.start();
                GatewayContainer own = start(ownPort, slow.uri());
                RawConnection client = RawConnection.to(ownPort)) {
            slow.answerWith(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + DOWNLOAD_BYTES + "\r\n\r\n" + "x".repeat(DOWNLOAD_BYTES));
            client.write(get("/download"));
            assertThat(client.head()).startsWith("HTTP/1.1 200 ");

            own.terminate();
            await().atMost(SOON).until(() -> refusesConnections(ownPort));
            // one that does not wait for it is gone by then
            await().during(Duration.ofSeconds(5)).atMost(SOON).until(own::isRunning);
            int read = client.read(DOWNLOAD_BYTES).length;

            assertThat(read).isEqualTo(DOWNLOAD_BYTES);
            // 128 and SIGTERM: k8s/README.md
            assertThat(own.exitCode()).isEqualTo(143);
        }
    }

    private static boolean refusesConnections(int ownPort) {
        try {
            RawConnection.to(ownPort).close();
            return false;
        } catch (UncheckedIOException e) {
            return true;
        }
    }
}
