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
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * All commands of {@code k8s/README.md} from 'Deploy' on, carried out in their order by one shell, on a copy of {@code k8s/}
 * and {@code config/}. What a cluster would have to answer is answered by nobody; what {@code -k} would send is rendered.
 *
 * @param steps the calls of kubectl
 * @param arguments of the other programs, which whoever lists processes can read, a call a line
 */
record ReadmeWalk(List<Step> steps, String arguments) {
    private static final Map<String, ReadmeWalk> WALKS = new ConcurrentHashMap<>();

    /** What the reader types when it is asked for. */
    static final Map<String, String> SECRETS = Map.of(
            "JWT_SECRET", "what the backends have in their own variable",
            "NEW_JWT_SECRET", "what the backends will have in their variable",
            "REDIS_URL", "rediss://ada:secret-of-redis@redis.example:6380",
            "REDIS_PASSWORD", "secret-of-redis",
            "REGISTRY_PASSWORD", "secret-of-the-registry",
            "PASSWORD", "secret-of-a-test-user");

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

    private static final List<String> CAREFUL = List.of("bash", "-eu", "-o", "pipefail", "-c");
    private static final List<String> BLIND = List.of("bash", "-c");

    /**
     * By who stops at the first command that fails.
     *
     * @param way what is chosen of {@link #CHOICES}, as {@code ingress+redis-url}
     */
    static ReadmeWalk by(String way) {
        return WALKS.computeIfAbsent(
                way, chosen -> walk(CAREFUL, commands(chosen, "\n## Deploy", null), List.of(), ""));
    }

    /**
     * By who pastes on until the switch, whatever fails.
     *
     * @param refused words of the calls of kubectl that do
     */
    static ReadmeWalk blindlyBy(String way, String refused) {
        return walk(BLIND, commands(way, "\n## Deploy", "\n## Shadow mode"), List.of(), refused);
    }

    /** What comes of a section's commands in a shell of its own, later than all of this walk's first Secrets were made. */
    ReadmeWalk later(String heading, int times) {
        String commands = commands("", "\n## " + heading + "\n", "\n## ").repeat(times);
        List<String> secrets = steps.stream()
                .filter(step -> step.command().startsWith("-n portcullis create secret"))
                .map(Step::manifest)
                .filter(manifest -> !manifest.isEmpty())
                .toList();
        return walk(CAREFUL, commands, secrets, "");
    }

    private static String commands(String way, String from, @Nullable String until) {
        List<String> chosen = List.of(way.split("\\+"));
        String readme = Overlays.read(Path.of("k8s/README.md"));
        int start = readme.indexOf(from);
        int end = until == null ? readme.length() : readme.indexOf(until, start + from.length());
        return Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL)
                .matcher(readme.substring(start, end))
                .results()
                .map(block -> block.group(1))
                .filter(block -> CHOICES.entrySet().stream()
                        .allMatch(choice -> chosen.contains(choice.getKey())
                                || !choice.getValue().matcher(block).find()))
                .collect(Collectors.joining());
    }

    private static ReadmeWalk walk(List<String> shell, String commands, List<String> secrets, String refused) {
        InstalledProgram.of("jq");
        try {
            Path directory = Files.createTempDirectory("readme-");
            Overlays.copyTo(directory);
            Path calls = Files.createDirectory(directory.resolve("calls"));
            for (String secret : secrets) {
                String name = Manifest.parse(secret).objects().get(0).name();
                Files.writeString(calls.resolve(name + ".secret"), secret);
            }
            List<String> command = new ArrayList<>(shell);
            command.add(commands);
            ReadmeWalk walk = walk(directory, command, refused);
            FileSystemUtils.deleteRecursively(directory);
            return walk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ReadmeWalk walk(Path directory, List<String> shell, String refused) throws IOException {
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path calls = directory.resolve("calls");
        for (String program : PROGRAMS) {
            Path file = programs.resolve(program);
            Files.writeString(file, resource(program + ".sh"));
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + " cannot be made executable");
            }
        }
        Path before = Files.createDirectory(directory.resolve("before"));
        for (String file : List.of("ingress.yaml", "httproute.yaml", "secret.json")) {
            Files.writeString(before.resolve(file), resource("before/" + file));
        }
        Path output = directory.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(shell)
                .directory(directory.toFile())
                .redirectInput(typed(directory, shell).toFile())
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
        variables.put("REFUSED", refused);
        end(builder.start(), output, shell.containsAll(CAREFUL));

        List<Step> steps = new ArrayList<>();
        for (int call = 1; Files.exists(calls.resolve(call + ".command")); call++) {
            steps.add(new Step(
                    Files.readString(calls.resolve(call + ".command")).strip(),
                    Files.readString(calls.resolve(call + ".yaml"))));
        }
        Path arguments = calls.resolve("arguments");
        return new ReadmeWalk(steps, Files.exists(arguments) ? Files.readString(arguments) : "");
    }

    /** The answers to what the commands ask for, a line each. */
    private static Path typed(Path directory, List<String> shell) throws IOException {
        List<String> lines = Pattern.compile("read -rs (\\w+)")
                .matcher(shell.get(shell.size() - 1))
                .results()
                .map(read -> SECRETS.getOrDefault(read.group(1), ""))
                .toList();
        return Files.write(directory.resolve("typed.txt"), lines);
    }

    private static String resource(String name) throws IOException {
        try (var stream = ReadmeWalk.class.getResourceAsStream("/readme-walk/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void end(Process shell, Path output, boolean mustSucceed) throws IOException {
        try {
            boolean ended = shell.waitFor(2, TimeUnit.MINUTES);
            shell.destroyForcibly();
            if (!ended || mustSucceed && shell.exitValue() != 0) {
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
