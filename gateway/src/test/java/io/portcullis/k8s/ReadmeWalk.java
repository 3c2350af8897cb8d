package io.portcullis.k8s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.springframework.util.FileSystemUtils;

/**
 * All commands of {@code k8s/README.md} from 'Deploy' on, carried out in their order by one shell, on a copy of {@code k8s/}
 * and {@code config/}. What a cluster would have to answer is answered by nobody; what {@code -k} would send is rendered.
 *
 * @param steps the calls of kubectl
 */
record ReadmeWalk(List<Step> steps) {
    /** Blocks of one of the two ways in, by what only they have. */
    private static final Map<String, Pattern> WAYS = Map.of(
            "ingress", Pattern.compile("\\bingress api|\\bingress portcullis|portcullis-tls"),
            "gateway-api", Pattern.compile("httproute"));

    /**
     * A call of kubectl.
     *
     * @param manifest what was rendered, or nothing
     */
    record Step(String command, String manifest) {}

    /** With that way in, {@code ingress} or {@code gateway-api}. */
    static ReadmeWalk by(String way) {
        Pattern other = WAYS.get(way.equals("ingress") ? "gateway-api" : "ingress");
        String readme = Overlays.read(Path.of("k8s/README.md"));
        List<String> blocks = Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL)
                .matcher(readme.substring(readme.indexOf("\n## Deploy")))
                .results()
                .map(block -> block.group(1))
                .filter(block -> !other.matcher(block).find())
                .toList();
        try {
            Path directory = Files.createTempDirectory("readme-");
            Overlays.copyTo(directory);
            ReadmeWalk walk = new ReadmeWalk(steps(directory, String.join("", blocks)));
            FileSystemUtils.deleteRecursively(directory);
            return walk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Step> steps(Path directory, String commands) throws IOException {
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path calls = Files.createDirectory(directory.resolve("calls"));
        for (String program : List.of("kubectl", "curl", "htpasswd")) {
            Path file = programs.resolve(program);
            Files.writeString(file, resource(program + ".sh"));
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + " cannot be made executable");
            }
        }
        Path output = directory.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder("bash", "-eu", "-o", "pipefail", "-c", commands)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        programs + ":" + System.getenv("PATH"),
                        "REAL_KUBECTL",
                        Kubectl.path(),
                        "CALLS",
                        calls.toString(),
                        "JWT_SECRET",
                        "what the backends have in their own variable",
                        "REDIS_URL",
                        "rediss://ada:secret@redis.example:6380"));
        end(builder.start(), output);

        List<Step> steps = new ArrayList<>();
        for (int call = 1; Files.exists(calls.resolve(call + ".command")); call++) {
            steps.add(new Step(
                    Files.readString(calls.resolve(call + ".command")).strip(),
                    Files.readString(calls.resolve(call + ".yaml"))));
        }
        return steps;
    }

    private static String resource(String name) throws IOException {
        try (var stream = ReadmeWalk.class.getResourceAsStream("/readme-walk/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void end(Process shell, Path output) throws IOException {
        try {
            boolean ended = shell.waitFor(2, TimeUnit.MINUTES);
            shell.destroyForcibly();
            if (!ended || shell.exitValue() != 0) {
                throw new AssertionError("a command of k8s/README.md fails:\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Where the first call begins so. */
    int indexOf(String beginning) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).command().startsWith(beginning)) {
                return i;
            }
        }
        throw new AssertionError("nobody says: kubectl " + beginning);
    }

    /** What was applied of {@code prod}, in this order. */
    List<String> applied() {
        return steps.stream()
                .filter(step -> step.command().equals("apply -k k8s/overlays/prod"))
                .map(Step::manifest)
                .toList();
    }
}
