package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/**
 * An image of the name that {@code Containerfile} begins with, made of this machine's JDK: its JRE, the C library, and nothing
 * else. There is no shell and no user in it, so nothing can be built or run with it that needs one.
 */
final class StandInJava {
    private static final Pattern FROM = Pattern.compile("^FROM (\\S+:(\\d+)-jre\\S*) AS java$", Pattern.MULTILINE);
    /** What public JREs have beside {@code java.se}. */
    private static final String MODULES =
            "java.se,jdk.charsets,jdk.crypto.cryptoki,jdk.crypto.ec,jdk.httpserver,jdk.jfr,"
                    + "jdk.localedata,jdk.management,jdk.management.agent,jdk.naming.dns,jdk.net,jdk.nio.mapmode,jdk.sctp,"
                    + "jdk.security.auth,jdk.unsupported,jdk.zipfs";
    /** Natively written parts of the gateway's libraries are in C++, and public images have that. */
    private static final List<String> CPP = List.of("libstdc++.so.6", "libgcc_s.so.1");

    private StandInJava() {}

    static void build(Podman podman) {
        var from = FROM.matcher(Overlays.read(Path.of("Containerfile")));
        assertThat(from.find()).as("Containerfile's base").isTrue();
        int needed = Integer.parseInt(from.group(2));
        int present = Runtime.version().feature();
        if (System.getenv("CI") != null) {
            assertThat(present).as("the JDK that tests run with").isEqualTo(needed);
        }
        assumeTrue(present == needed, () -> "the image is of Java " + needed + ", this is " + present);
        String ofThisJdk =
                "localhost/stand-in-java:" + Runtime.version().toString().replaceAll("[^\\w.]", "-");
        if (!podman.hasImage(ofThisJdk)) {
            try {
                build(podman, ofThisJdk);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        podman.run("tag", ofThisJdk, from.group(1));
    }

    private static void build(Podman podman, String name) throws IOException {
        Path directory = Files.createTempDirectory("stand-in-java-");
        Path root = directory.resolve("root");
        Path java = root.resolve("opt/java/openjdk");
        Files.createDirectories(java.getParent());
        run(
                Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                "--add-modules=" + MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output=" + java);
        for (String library : libraries(java)) {
            Path copy = root.resolve(library.substring(1));
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of(library).toRealPath(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        Path tmp = Files.createDirectory(root.resolve("tmp"));
        Files.setAttribute(tmp, "unix:mode", 01777);
        Path file = Files.writeString(
                directory.resolve("Containerfile"),
                "FROM scratch\nCOPY . /\nENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin\n");
        podman.run(Duration.ofMinutes(3), "build", "--pull=never", "--tag=" + name, "--file=" + file, root.toString());
        FileSystemUtils.deleteRecursively(directory);
    }

    private static Set<String> libraries(Path java) throws IOException {
        String needed = run(
                "ldd",
                java.resolve("bin/java").toString(),
                java.resolve("lib/server/libjvm.so").toString(),
                java.resolve("lib/libnet.so").toString());
        Set<String> libraries = Pattern.compile("(?:=> |^\\s)(/\\S+) \\(", Pattern.MULTILINE)
                .matcher(needed)
                .results()
                .map(line -> line.group(1))
                .filter(library -> !library.startsWith(java.toString()))
                .collect(Collectors.toCollection(TreeSet::new));
        Path c = libraries.stream()
                .map(Path::of)
                .filter(library -> library.endsWith("libc.so.6"))
                .findFirst()
                .orElseThrow();
        CPP.forEach(library -> libraries.add(c.resolveSibling(library).toString()));
        return libraries;
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(output).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return output;
    }
}
