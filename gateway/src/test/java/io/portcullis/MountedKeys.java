package io.portcullis;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * A folder as the kubelet mounts a Secret or a projected volume: each entry is a link into {@code ..data}, which is one to the
 * folder of a version. A new version is written beside the old one and {@code ..data} is swapped for a link to it, by renaming.
 */
public final class MountedKeys {
    /** The names of the files. */
    public static final String ACCESS = "access.json";

    public static final String REFRESH = "refresh.json";

    private final Path directory;
    private int version;

    /** Mounts the first version there. */
    public MountedKeys(Path directory, Map<String, String> files) {
        this.directory = directory;
        put(files);
        try {
            for (String name : files.keySet()) {
                Files.createSymbolicLink(directory.resolve(name), Path.of("..data", name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A volume with both files of a gateway. */
    public static MountedKeys of(Path directory, String accessTokenKeys, String refreshTokenKeys) {
        return new MountedKeys(directory, Map.of(ACCESS, accessTokenKeys, REFRESH, refreshTokenKeys));
    }

    public Path file(String name) {
        return directory.resolve(name);
    }

    /** What a gateway is started with. */
    public DemoKeys files(OctetSequenceKey accessTokenKey) {
        return new DemoKeys(accessTokenKey, file(ACCESS), file(REFRESH));
    }

    /** The Secret has this in it now, all at once. */
    public void put(Map<String, String> files) {
        try {
            Path old = directory.resolve("..version" + version);
            Path folder = Files.createDirectories(directory.resolve("..version" + ++version));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
            Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), folder.getFileName());
            Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
            if (Files.exists(old)) {
                for (String name : files.keySet()) {
                    Files.deleteIfExists(old.resolve(name));
                }
                Files.delete(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void put(String accessTokenKeys, String refreshTokenKeys) {
        put(Map.of(ACCESS, accessTokenKeys, REFRESH, refreshTokenKeys));
    }
}
