package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.portcullis.InstalledProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * podman with runc, as root, with images and containers of its own under {@code target/}: it knows nothing of the machine's. What is
 * built stays there, so that the next run need not build it. Where it cannot run the test is skipped, or fails if {@code CI} is set.
 */
final class Podman {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** The containers' own are more than some machines let anybody have. */
    private static final String CONFIGURATION =
            "[containers]\ndefault_ulimits = [\"nofile=20000:20000\", \"nproc=20000:20000\"]\n";

    private final InstalledProgram program;
    private final Path directory;
    private final Map<String, String> variables;
    private final List<String> options;

    private Podman(InstalledProgram program, Path directory) throws IOException {
        this.program = program;
        this.directory = Files.createDirectories(directory.resolve("output"));
        variables = Map.of(
                "CONTAINERS_CONF",
                Files.writeString(directory.resolve("containers.conf"), CONFIGURATION)
                        .toString());
        options = List.of(
                "--root=" + directory.resolve("storage"),
                "--runroot=" + directory.resolve("run"),
                "--tmpdir=" + directory.resolve("tmp"),
                "--cgroup-manager=cgroupfs",
                "--events-backend=file",
                "--runtime=runc");
    }

    static Podman installed() {
        InstalledProgram.of("runc");
        InstalledProgram podman = InstalledProgram.of("podman");
        boolean isRoot = "root".equals(System.getProperty("user.name"));
        if (System.getenv("CI") != null) {
            assertThat(isRoot).as("containers are run as root").isTrue();
        }
        assumeTrue(isRoot, "containers with the cluster's security context can be run by root only");
        try {
            return new Podman(podman, Path.of("gateway/target/podman").toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs one of its commands to a good end and says what that printed. */
    String run(String... arguments) {
        return run(PATIENCE, arguments);
    }

    String run(Duration within, String... arguments) {
        return program.run(
                directory,
                within,
                variables,
                Stream.concat(options.stream(), Stream.of(arguments)).toList());
    }

    boolean hasImage(String name) {
        return run("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=" + name)
                .contains(name);
    }
}
