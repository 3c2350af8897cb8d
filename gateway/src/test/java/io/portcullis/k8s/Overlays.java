package io.portcullis.k8s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** What {@code k8s/} makes: each overlay, and {@code prod} with each of the lines that it has commented out. */
final class Overlays {
    private static final Path PROD = Path.of("k8s/overlays/prod/kustomization.yaml");
    private static final Pattern COMMENTED = Pattern.compile("^  # - (\\.\\./\\S+)$", Pattern.MULTILINE);
    private static final Pattern SECRET_ROW =
            Pattern.compile("^\\| `([a-z-]+)` \\| (.+?) \\| (.+?) \\|$", Pattern.MULTILINE);
    private static final Map<String, String> RENDERED = new ConcurrentHashMap<>();

    private Overlays() {}

    /** All of them: {@code dev}, {@code prod}, and {@code prod+<component>}. */
    static Stream<String> all() {
        return Stream.concat(Stream.of("dev", "prod"), components().stream().map(name -> "prod+" + name));
    }

    /** The components that {@code prod} has commented out. */
    static List<String> components() {
        return COMMENTED
                .matcher(read(PROD))
                .results()
                .map(line -> Path.of(line.group(1)).getFileName().toString())
                .toList();
    }

    /** Of {@code dev}, {@code prod}, or {@code prod} with one component or several: {@code prod+ingress+shadow}. */
    static Manifest manifest(String overlay) {
        return Manifest.parse(yaml(overlay));
    }

    static String yaml(String overlay) {
        return RENDERED.computeIfAbsent(overlay, Overlays::render);
    }

    private static String render(String overlay) {
        List<String> components = List.of(overlay.split("\\+")).subList(1, overlay.split("\\+").length);
        if (components.isEmpty()) {
            return Kubectl.kustomize(Path.of("k8s/overlays", overlay));
        }
        try {
            Path copy = Files.createTempDirectory("k8s-");
            copyTo(copy);
            String prod = read(PROD);
            for (String component : components) {
                prod = prod.replaceFirst("(?m)^  # - (\\S+/" + component + ")$", "  - $1");
            }
            Files.writeString(copy.resolve(PROD), prod);
            String yaml = Kubectl.kustomize(copy.resolve(PROD).getParent());
            FileSystemUtils.deleteRecursively(copy);
            return yaml;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts all that kustomize reads into a folder. */
    static void copyTo(Path directory) throws IOException {
        copy(Path.of("config"), directory.resolve("config"));
        copy(Path.of("k8s"), directory.resolve("k8s"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** The Secrets that {@code k8s/README.md} tells its reader to make, as {@code name/key}. */
    static Set<String> documentedSecrets() {
        return SECRET_ROW
                .matcher(read(Path.of("k8s/README.md")))
                .results()
                .flatMap(row -> Pattern.compile("`([^`]+)`")
                        .matcher(row.group(2))
                        .results()
                        .map(key -> row.group(1) + "/" + key.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
