package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.RawClient;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;

/**
 * The gateway's Deployment as one container: its security context, limits, folders and variables, read from the manifest and
 * told to podman as a cluster tells them to its runtime. It shares this machine's network.
 */
final class GatewayContainer implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(90);

    private final Podman podman;
    private final GatewayDeployment deployment;
    private final Path directory;
    private final Path classes;
    private final String name = "gateway-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());

    /**
     * Starts it.
     *
     * @param deployment of which the image is built
     * @param keys what is in the Secrets
     * @param variables beside those of the manifest, or in their place
     */
    GatewayContainer(Podman podman, GatewayDeployment deployment, DemoKeys keys, Map<String, String> variables)
            throws IOException {
        this.podman = podman;
        this.deployment = deployment;
        this.directory = Files.createTempDirectory("gateway-container-");
        this.classes = Files.createDirectory(directory.resolve("classes"));
        Map<String, String> all = new TreeMap<>(deployment.variables());
        all.putAll(variables);
        List<String> arguments = new ArrayList<>(List.of("run", "--detach", "--pull=never", "--network=host"));
        arguments.addAll(List.of("--name=" + name, "--no-healthcheck", "--log-driver=k8s-file"));
        arguments.addAll(securityContext());
        arguments.addAll(limits());
        arguments.addAll(folders(keys));
        arguments.add("--volume=" + classes + ":/classes:ro");
        all.forEach((variable, value) -> arguments.add("--env=" + variable + "=" + value));
        arguments.add("--workdir=" + text("/workingDir"));
        arguments.add(text("/image"));
        podman.run(arguments.toArray(String[]::new));
    }

    private JsonNode pod() {
        return deployment.template().spec();
    }

    private String text(String pointer) {
        String text = deployment.container().at(pointer).asString("");
        assertThat(text).as(pointer).isNotEmpty();
        return text;
    }

    private List<String> securityContext() {
        JsonNode ofPod = pod().path("securityContext");
        JsonNode own = deployment.container().path("securityContext");
        List<String> arguments = new ArrayList<>();
        arguments.add("--user=" + ofPod.path("runAsUser").asInt() + ":"
                + ofPod.path("runAsGroup").asInt());
        arguments.add("--group-add=" + ofPod.path("fsGroup").asInt());
        own.at("/capabilities/drop").forEach(dropped -> arguments.add("--cap-drop=" + dropped.asString()));
        if (!own.path("allowPrivilegeEscalation").asBoolean(true)) {
            arguments.add("--security-opt=no-new-privileges");
        }
        if (own.path("readOnlyRootFilesystem").asBoolean(false)) {
            arguments.addAll(List.of("--read-only", "--read-only-tmpfs=false"));
        }
        if (!ofPod.at("/seccompProfile/type").asString("").equals("RuntimeDefault")) {
            arguments.add("--security-opt=seccomp=unconfined");
        }
        return arguments;
    }

    private List<String> limits() {
        long memory = memoryLimit();
        return List.of("--memory=" + memory, "--memory-swap=" + memory, "--cpus=" + text("/resources/limits/cpu"));
    }

    /** In bytes. */
    long memoryLimit() {
        return bytes(text("/resources/limits/memory"));
    }

    private static long bytes(String quantity) {
        return DataSize.parse(quantity.replaceFirst("^(\\d+)([KMG])i$", "$1$2B"))
                .toBytes();
    }

    private List<String> folders(DemoKeys keys) throws IOException {
        List<String> arguments = new ArrayList<>();
        for (JsonNode mount : deployment.container().path("volumeMounts")) {
            String volume = mount.path("name").asString();
            String path = mount.path("mountPath").asString();
            JsonNode source = pod().path("volumes")
                    .valueStream()
                    .filter(one -> one.path("name").asString().equals(volume))
                    .findFirst()
                    .orElseThrow();
            if (source.has("emptyDir")) {
                long size = bytes(source.at("/emptyDir/sizeLimit").asString());
                arguments.add("--tmpfs=" + path + ":rw,exec,size=" + size + ",mode=1777");
            } else {
                Path folder = Files.createDirectory(directory.resolve(volume));
                fill(folder, source, keys);
                arguments.add("--volume=" + folder + ":" + path + ":ro");
            }
        }
        return arguments;
    }

    /** As the kubelet does it: what is in a Secret belongs to root and to the pod's group. */
    private void fill(Path folder, JsonNode volume, DemoKeys keys) throws IOException {
        if (volume.has("secret")) {
            String secret = volume.at("/secret/secretName").asString();
            Path keyFile = secret.contains("refresh-token") ? keys.refreshTokenKeys() : keys.accessTokenKeys();
            Path copy = Files.copy(keyFile, folder.resolve("keys.json"));
            int group = pod().at("/securityContext/fsGroup").asInt();
            Files.setAttribute(copy, "unix:gid", group);
            Files.setAttribute(folder, "unix:gid", group);
            Files.setAttribute(
                    copy, "unix:mode", volume.at("/secret/defaultMode").asInt());
            Files.setAttribute(folder, "unix:mode", 0750);
        } else {
            String map = volume.at("/projected/sources/0/configMap/name").asString();
            for (Map.Entry<String, String> file : KubernetesObject.map(
                            deployment.manifest().get("ConfigMap", map).at("/data"))
                    .entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** What {@link SeenFromInside} prints in the container, by the word before each colon. */
    Map<String, String> seenFromInside(String... folders) throws IOException {
        Class<?> main = SeenFromInside.class;
        Path file = classes.resolve(main.getName().replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        Files.write(
                file, main.getResourceAsStream(main.getSimpleName() + ".class").readAllBytes());
        List<String> command = new ArrayList<>(List.of("exec", "--env=JDK_JAVA_OPTIONS=", "--env=JAVA_TOOL_OPTIONS="));
        command.addAll(List.of(name, "java", "-Xmx16m", "-cp", "/classes", main.getName()));
        command.addAll(List.of(folders));
        Map<String, String> seen = new TreeMap<>();
        podman.run(command.toArray(String[]::new)).lines().forEach(line -> {
            String[] parts = line.split(":\\s+", 2);
            if (parts.length == 2) {
                seen.put(parts[0], parts[1]);
            }
        });
        return seen;
    }

    /** Waits until the health endpoint on that port says that it is up. */
    void awaitReady(int managementPort) {
        await().atMost(STARTS_WITHIN).until(() -> {
            if (!isRunning()) {
                throw new IllegalStateException("the container ended:\n" + podman.run("logs", name));
            }
            return isReady(managementPort);
        });
    }

    private static boolean isReady(int managementPort) {
        try {
            return RawClient.send(
                            managementPort,
                            "GET /actuator/health/readiness HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .startsWith("HTTP/1.1 200 ");
        } catch (UncheckedIOException e) {
            // does not listen yet
            return false;
        }
    }

    boolean isRunning() {
        return podman.run("inspect", "--format={{.State.Running}}", name).contains("true");
    }

    boolean wasOutOfMemory() {
        return podman.run("inspect", "--format={{.State.OOMKilled}}", name).contains("true");
    }

    /** Sends SIGTERM, as the kubelet does. */
    void terminate() {
        podman.run("kill", "--signal=TERM", name);
    }

    /** Waits for its end. */
    int exitCode() {
        return Integer.parseInt(podman.run("wait", name).trim());
    }

    @Override
    public void close() {
        podman.run("rm", "--force", "--time=0", name);
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
