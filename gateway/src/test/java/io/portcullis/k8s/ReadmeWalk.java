package io.portcullis.k8s;

import io.portcullis.InstalledProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/**
 * All commands of {@code k8s/README.md} from 'Deploy' on, carried out in their order by one shell, on a copy of {@code k8s/}
 * and {@code config/}. What a cluster would have to answer is answered by nobody; what {@code -k} would send is rendered.
 *
 * @param steps the calls of kubectl
 */
record ReadmeWalk(List<Step> steps) {
    private static final Map<String, ReadmeWalk> WALKS = new ConcurrentHashMap<>();

    /** What the backends share. */
    static final String JWT_SECRET = "what the backends have in their own variable";

    /** Blocks that not everybody carries out, by what only they have. */
    private static final Map<String, Pattern> CHOICES = Map.of(
            "ingress", Pattern.compile("\\bingress api|\\bingress portcullis|ingress-before|portcullis-tls"),
            "gateway-api", Pattern.compile("httproute"),
            "redis-url", Pattern.compile("--from-file=url="),
            "redis-password", Pattern.compile("--from-file=password="),
            "redis-sentinel", Pattern.compile("on redis-sentinel"),
            "redis-cluster", Pattern.compile("on redis-cluster"),
            "redis-tls", Pattern.compile("on redis-tls"));

    private static final List<String> PROGRAMS = List.of("kubectl", "curl", "htpasswd", "docker", "java");

    /**
     * A call of kubectl.
     *
     * @param manifest what was rendered, or nothing
     */
    record Step(String command, String manifest) {}

    /**
     * By who stops at the first command that fails.
     *
     * @param way what is chosen of {@link #CHOICES}, as {@code ingress+redis-url}
     */
    static ReadmeWalk by(String way) {
        return WALKS.computeIfAbsent(way, chosen -> walk(chosen, List.of("bash", "-eu", "-o", "pipefail"), true));
    }

    /** By who pastes on until the switch, whatever fails, in a cluster that does not say what serves the host. */
    static ReadmeWalk blindlyBy(String way) {
        return walk(way, List.of("bash"), false);
    }

    private static ReadmeWalk walk(String way, List<String> shell, boolean isServed) {
        InstalledProgram.of("jq");
        List<String> chosen = List.of(way.split("\\+"));
        String readme = Overlays.read(Path.of("k8s/README.md"));
        String commands = Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL)
                .matcher(readme.substring(
                        readme.indexOf("\n## Deploy"), isServed ? readme.length() : readme.indexOf("\n## Shadow mode")))
                .results()
                .map(block -> block.group(1))
                .filter(block -> CHOICES.entrySet().stream()
                        .allMatch(choice -> chosen.contains(choice.getKey())
                                || !choice.getValue().matcher(block).find()))
                .collect(Collectors.joining());
        try {
            Path directory = Files.createTempDirectory("readme-");
            Overlays.copyTo(directory);
            List<String> command = new ArrayList<>(shell);
            command.addAll(List.of("-c", commands));
            ReadmeWalk walk = new ReadmeWalk(steps(directory, command, isServed));
            FileSystemUtils.deleteRecursively(directory);
            return walk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Step> steps(Path directory, List<String> shell, boolean isServed) throws IOException {
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path calls = Files.createDirectory(directory.resolve("calls"));
        for (String program : PROGRAMS) {
            Path file = programs.resolve(program);
            Files.writeString(file, resource(program + ".sh"));
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + " cannot be made executable");
            }
        }
        Path before = Files.createDirectory(directory.resolve("before"));
        for (String kind : isServed ? List.of("ingress.yaml", "httproute.yaml") : List.<String>of()) {
            Files.writeString(before.resolve(kind), resource("before/" + kind));
        }
        Path output = directory.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(shell)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> variables = builder.environment();
        variables.put("PATH", programs + ":" + System.getenv("PATH"));
        variables.put("REAL_KUBECTL", Kubectl.path());
        variables.put(
                "REAL_JAVA",
                Path.of(System.getProperty("java.home"), "bin/java").toString());
        variables.put("CLASS_PATH", System.getProperty("java.class.path"));
        variables.put("CALLS", calls.toString());
        variables.put("BEFORE", before.toString());
        variables.put("JWT_SECRET", JWT_SECRET);
        variables.put("NEW_JWT_SECRET", "what the backends will have in their variable");
        variables.put("REDIS_URL", "rediss://ada:secret@redis.example:6380");
        variables.put("REDIS_PASSWORD", "secret");
        variables.put("REGISTRY_USER", "ada");
        variables.put("REGISTRY_PASSWORD", "secret");
        end(builder.start(), output, isServed);

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

    private static void end(Process shell, Path output, boolean isServed) throws IOException {
        try {
            boolean ended = shell.waitFor(2, TimeUnit.MINUTES);
            shell.destroyForcibly();
            if (!ended || isServed && shell.exitValue() != 0) {
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
