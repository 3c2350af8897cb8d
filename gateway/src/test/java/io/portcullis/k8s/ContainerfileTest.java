package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The JVM of the training run is as a pod's is, whatever machine the image is built on: another one's cache serves no pod. */
class ContainerfileTest {
    private static final String CONTAINERFILE = Overlays.read(Path.of("Containerfile"));

    private static MatchResult found(String regex) {
        return Pattern.compile(regex)
                .matcher(CONTAINERFILE)
                .results()
                .findFirst()
                .orElseThrow();
    }

    private static List<String> flagsOfEveryRun() {
        return List.of(found("JAVA_TOOL_OPTIONS=\"([^\"]+)\"").group(1).split(" "));
    }

    private static List<String> flagsOfTheTrainingRun() {
        String run = found("(?s)RUN \\[([^\\]]*-XX:AOTCacheOutput[^\\]]*)\\]").group(1);
        return Pattern.compile("\"(-X[^\"]+)\"")
                .matcher(run)
                .results()
                .map(flag -> flag.group(1))
                .filter(flag -> !flag.startsWith("-XX:AOTCacheOutput"))
                .toList();
    }

    /** What a JVM with these flags makes of one. */
    private static String value(String flag, Stream<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.addAll(flags.toList());
        command.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(said).isZero();
        return Pattern.compile("\\b" + flag + " += (\\S+)")
                .matcher(said)
                .results()
                .findFirst()
                .orElseThrow(() -> new AssertionError(said))
                .group(1);
    }

    private static Stream<String> onAMachineOf(String memory, List<String> more) {
        return Stream.of(flagsOfEveryRun(), more, List.of("-XX:MaxRAM=" + memory))
                .flatMap(List::stream);
    }

    @Test
    void theTrainingRunHasCompressedPointersOnALargeMachineToo() throws IOException, InterruptedException {
        assertThat(value("UseCompressedOops", onAMachineOf("100g", flagsOfTheTrainingRun())))
                .isEqualTo("true");
        assertThat(value("UseCompressedOops", onAMachineOf("100g", List.of())))
                .as("without its own flags")
                .isEqualTo("false");
    }

    /** A JVM rounds percentages up to a multiple of what its collector takes at once, here 2 MiB. */
    @Test
    void theTrainingRunHasTheHeapOfAPod() throws IOException, InterruptedException {
        String limit = new GatewayDeployment(Manifest.parse(Kubectl.kustomize(Path.of("k8s/base"))))
                .container()
                .at("/resources/limits/memory")
                .asString()
                .replace("Mi", "m");

        long trained = Long.parseLong(value("MaxHeapSize", onAMachineOf("100g", flagsOfTheTrainingRun())));
        long ofAPod = Long.parseLong(value("MaxHeapSize", onAMachineOf(limit, List.of())));
        assertThat(Math.abs(trained - ofAPod)).isLessThan(4 << 20);
    }
}
