package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark is there as its documentation says, and nginx with Lua does what it is compared for. It measures nothing here. */
class BenchmarkIT {
    private static final Path ROOT = Path.of(System.getProperty("portcullis.root"));
    private static final Path FOLDER = ROOT.resolve("gateway/benchmark");
    private static final Duration WITHIN = Duration.ofSeconds(30);
    private static final Pattern VARIABLE = Pattern.compile("number\\('(\\w+)', (\\d+)\\)");

    @TempDir
    private Path scratch;

    @Test
    void readmesCommandIsThere() throws IOException {
        Path command = FOLDER.resolve("run");

        assertThat(Files.readString(ROOT.resolve("README.md"))).contains("gateway/benchmark/run");
        assertThat(command).isExecutable();
        InstalledProgram.of("bash").run(scratch, WITHIN, List.of("-n", command.toString()));
    }

    @Test
    void everyScriptParses() throws IOException {
        InstalledProgram node = InstalledProgram.of("node");

        List<Path> scripts = scripts();

        assertThat(scripts).hasSizeGreaterThan(10);
        for (Path script : scripts) {
            node.run(scratch, WITHIN, List.of("--check", script.toString()));
        }
    }

    @Test
    void tablesAndChartsAreTheResults() {
        Path draw = FOLDER.resolve("draw.mjs");

        InstalledProgram.of("node").run(scratch, WITHIN, List.of(draw.toString(), "--check"));
    }

    @Test
    void readmeListsTheVariablesAndTheirDefaults() throws IOException {
        String readme = Files.readString(FOLDER.resolve("README.md"));

        List<String> rows = VARIABLE.matcher(Files.readString(FOLDER.resolve("benchmark.mjs")))
                .results()
                .map(variable -> "| `" + variable.group(1) + "` | " + variable.group(2) + " |")
                .toList();

        assertThat(rows).hasSize(8).allSatisfy(row -> assertThat(readme).contains(row));
    }

    private static RedisServer openToAnybody() {
        RedisServer redis = RedisServer.start();
        redis.command("ACL", "SETUSER", "default", "on", "nopass");
        return redis;
    }

    @Test
    void handBuiltEndpointRotatesAndRecognisesReuse() {
        try (DemoKeys keys = DemoKeys.generate();
                RedisServer redis = openToAnybody();
                BenchmarkPeer peer = BenchmarkPeer.start(FOLDER, keys, redis)) {
            String first = peer.openSession("s1");

            String second = peer.granted(first);
            String third = peer.granted(second);

            assertThat(Tokens.claims(third).get("gen").asLong()).isEqualTo(2);
            assertThat(peer.refresh(second).statusCode()).as("a used token").isEqualTo(401);
            assertThat(peer.refresh(third).statusCode())
                    .as("the newest token after a used one came back")
                    .isEqualTo(401);
            assertThat(peer.refresh(forged(peer.openSession("s2"), first)).statusCode())
                    .as("a forged token")
                    .isEqualTo(401);
        }
    }

    /** One token's claims with another's signature. */
    private static String forged(String one, String other) {
        return one.substring(0, one.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
    }

    private static List<Path> scripts() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : List.of("", "lib", "load", "peers/express")) {
            try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
                files.filter(file -> file.toString().matches(".*\\.m?js")).forEach(found::add);
            }
        }
        return found;
    }
}
