package io.portcullis.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.util.FileSystemUtils;

/**
 * The targets under Jazzer, a JVM each, which sees what an input reaches and goes on from there:
 *
 * <pre>./mvnw -pl gateway -Pfuzz test -Dtest=JazzerRun -Dportcullis.fuzz.cases=10000000 [-Dportcullis.fuzz.target=token]</pre>
 *
 * What it reached that the kept inputs do not is written into {@code corpus.txt}. Where it breaks something, it says how to keep that.
 */
class JazzerRun {
    private static final String CASES = System.getProperty("portcullis.fuzz.cases", "1000000");
    private static final String SEED = System.getProperty("portcullis.seed", "1");
    private static final String ONLY = System.getProperty("portcullis.fuzz.target", "");

    /** By the folder of what is kept. */
    private static final Map<String, String> CLASSES = Map.of(
            "refresh-body", "io.portcullis.edge.RefreshBodyFuzzTest",
            "token", "io.portcullis.token.TokenFuzzTest",
            "path-guard", "io.portcullis.edge.PathGuardFuzzTest",
            "issuing-answer", "io.portcullis.edge.IssuingAnswerFuzzTest");

    private static final List<String> TARGETS = CLASSES.keySet().stream()
            .filter(name -> ONLY.isEmpty() || ONLY.equals(name))
            .sorted()
            .toList();

    /** Longer than any seed, and short enough to be quick. */
    private static final int LENGTH_MAX = 2048;

    @ParameterizedTest
    @FieldSource("TARGETS")
    void nothingBreaks(String target) throws Exception {
        Path folder = Path.of("gateway/target/fuzz", target).toAbsolutePath();
        FileSystemUtils.deleteRecursively(folder);
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        FuzzCases cases = new FuzzCases(target);
        write(corpus, cases.all());
        Path dictionary = Files.write(folder.resolve("dictionary"), dictionary(cases));
        long start = System.nanoTime();

        int exit = jazzer(
                target, folder, "-runs=" + CASES, "-seed=" + SEED, "-dict=" + dictionary, "-timeout=20", "corpus");

        assertThat(broken(folder))
                .as("put these into %s", FuzzCases.source(target, "findings.txt"))
                .isEmpty();
        assertThat(exit).as("see %s", folder.resolve("log")).isZero();
        System.out.printf(
                "fuzz %s by Jazzer: %s cases, seed %s, %.0f s%n",
                target, CASES, SEED, (System.nanoTime() - start) / 1e9);
        keep(target, folder, cases);
    }

    /** libFuzzer leaves out what reaches nothing more than the inputs before it. */
    private static void keep(String target, Path folder, FuzzCases cases) throws Exception {
        Path merged = Files.createDirectories(folder.resolve("merged"));
        write(merged, cases.seeds());
        assertThat(jazzer(target, folder, "-merge=1", "merged", "corpus")).isZero();
        Set<String> seeds =
                cases.seeds().stream().map(FuzzCases::escape).collect(Collectors.toCollection(HashSet::new));
        List<String> lines = inputs(merged)
                .map(FuzzCases::escape)
                .filter(line -> !seeds.contains(line))
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .toList();
        Files.write(FuzzCases.source(target, "corpus.txt"), lines, US_ASCII);
    }

    private static int jazzer(String target, Path folder, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + CLASSES.get(target),
                "--instrumentation_includes=io.portcullis.**",
                "-max_len=" + LENGTH_MAX,
                "-rss_limit_mb=0",
                "-artifact_prefix=" + folder + "/"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start()
                .waitFor();
    }

    private static List<String> broken(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("(crash|timeout|oom)-.*"))
                    .map(file -> FuzzCases.escape(read(file)))
                    .toList();
        }
    }

    private static Stream<byte[]> inputs(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(JazzerRun::read).toList().stream();
        }
    }

    private static void write(Path folder, List<byte[]> inputs) throws IOException {
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(folder.resolve("kept-" + i), inputs.get(i));
        }
    }

    private static List<String> dictionary(FuzzCases cases) {
        return cases.dictionary().stream()
                .filter(word -> word.length > 0)
                .map(word -> '"' + FuzzCases.escape(word).replace("\"", "\\x22").replace("\\x23", "#") + '"')
                .toList();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
