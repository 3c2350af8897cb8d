package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of the machine that a test needs and Maven cannot bring. Without it the test is skipped; where {@code CI} is
 * set it fails, since {@code .ci/run} installs what a machine lacks.
 */
public final class InstalledProgram {
    private final Path file;

    private InstalledProgram(Path file) {
        this.file = file;
    }

    /**
     * Looks for it in {@code PATH}.
     *
     * @param names one after the other
     */
    public static InstalledProgram of(String... names) {
        Optional<Path> found = Arrays.stream(names)
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
        if (System.getenv("CI") != null) {
            assertThat(found).as("installed: %s", String.join(" or ", names)).isPresent();
        }
        assumeTrue(found.isPresent(), () -> "not installed: " + String.join(" or ", names));
        return new InstalledProgram(found.get());
    }

    /**
     * Starts it; {@link #end} ends it.
     *
     * @param output where it prints to
     */
    public Process start(Path output, List<String> arguments) {
        return start(output, Map.of(), arguments);
    }

    /** The same with variables beside those of this process. */
    public Process start(Path output, Map<String, String> variables, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(variables);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it and all that it has started. */
    public static void end(Process process) {
        List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(one -> one.onExit().join());
    }

    /**
     * Runs it to its end, which must be a good one.
     *
     * @return what it printed
     */
    public String run(Path directory, Duration within, List<String> arguments) {
        return run(directory, within, Map.of(), arguments);
    }

    /** The same with variables beside those of this process. */
    public String run(Path directory, Duration within, Map<String, String> variables, List<String> arguments) {
        try {
            Path output = Files.createTempFile(directory, "output-", ".txt");
            Process process = start(output, variables, arguments);
            boolean ended = process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
            end(process);
            assertThat(ended).as("%s ends within %s", file, within).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
