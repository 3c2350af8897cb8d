package io.portcullis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.portcullis.leaks.NoSecretIsPrinted;
import io.portcullis.leaks.PrintedLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The gateway as an operator runs it: {@code java -jar} in the repository's root, with variables and nothing else. Ends
 * with this JVM at the latest. What it printed is looked through for secrets when it is closed ({@link NoSecretIsPrinted}).
 */
final class GatewayProcess implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(4);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final Process process;
    private final Path output;
    private final Thread end = new Thread(this::kill, "gateway-process-end");

    private GatewayProcess(List<String> command, Map<String, String> variables) throws IOException {
        output = Files.createTempFile("gateway-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of(System.getProperty("portcullis.root")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        if (NoSecretIsPrinted.atTrace()) {
            builder.environment().put("LOGGING_LEVEL_ROOT", "TRACE");
        }
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(end);
    }

    /** Starts the jar and does not wait for anything; quick to start, which is worth more here than quick in the long run. */
    static GatewayProcess start(Map<String, String> variables, String... jvmArguments) {
        return startInFull(
                variables,
                Stream.concat(Stream.of(jvmArguments), Stream.of("-XX:TieredStopAtLevel=1"))
                        .toArray(String[]::new));
    }

    /** Runs a command of the jar, such as {@code --check-config}, which ends by itself. */
    static GatewayProcess command(Map<String, String> variables, String... arguments) {
        return run(variables, List.of("-XX:TieredStopAtLevel=1"), List.of(arguments));
    }

    /** Runs {@code --check-config} of another jar, such as the one among the layers. */
    static GatewayProcess checkConfig(Path jar, Map<String, String> variables, String... jvmArguments) {
        List<String> arguments = Stream.concat(Stream.of("-XX:TieredStopAtLevel=1"), Stream.of(jvmArguments))
                .toList();
        return run(jar, variables, arguments, List.of("--check-config"));
    }

    /** The same as an operator would, for the long run. */
    static GatewayProcess startInFull(Map<String, String> variables, String... jvmArguments) {
        return run(variables, List.of(jvmArguments), List.of());
    }

    private static GatewayProcess run(
            Map<String, String> variables, List<String> jvmArguments, List<String> arguments) {
        return run(Path.of(System.getProperty("portcullis.jar")), variables, jvmArguments, arguments);
    }

    private static GatewayProcess run(
            Path jar, Map<String, String> variables, List<String> jvmArguments, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(arguments);
        try {
            return new GatewayProcess(command, variables);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port of the loopback interface that nobody listens on. */
    static int freePort() {
        try {
            return FreePort.any();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the health endpoint on that port says that the gateway is up. */
    void awaitReady(int managementPort) {
        URI readiness = URI.create("http://127.0.0.1:" + managementPort + "/actuator/health/readiness");
        await().atMost(STARTS_WITHIN)
                .ignoreException(UncheckedIOException.class)
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("the gateway ended:\n" + output());
                    }
                    return get(readiness).statusCode() == 200;
                });
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** How much processor time it has had. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** The most memory that it had at a time, KiB. */
    long residentAtMost() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Waits for the end of the process.
     *
     * @return the exit code
     */
    int exitCode(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + within + ":\n" + output());
        }
        return process.exitValue();
    }

    /** Ends a test that looks at more than secrets in it: at TRACE Spring prints its own failures, and what it decides. */
    void assumeUsualOutput() {
        assumeFalse(NoSecretIsPrinted.atTrace(), "it prints more at TRACE");
    }

    /** What it has printed so far. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a line of it has this: of what is printed under load at TRACE no string can be made. */
    boolean hasPrinted(String text) {
        try (Stream<String> lines = Files.lines(output)) {
            return lines.anyMatch(line -> line.contains(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HttpResponse<String> get(URI uri, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    static HttpResponse<String> post(URI uri, String json, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json");
        return send((headers.length == 0 ? request : request.headers(headers))
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return CLIENT.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        Runtime.getRuntime().removeShutdownHook(end);
        try (Stream<String> lines = Files.lines(output)) {
            lines.forEach(PrintedLeaks::lookAt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Files.delete(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
