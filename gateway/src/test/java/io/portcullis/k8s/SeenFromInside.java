package io.portcullis.k8s;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a container looks like from inside, printed: the state of its first process, what its cgroup allows, and what comes of
 * writing to some folders. It is started in the container, where there is no shell and nothing of ours but this class.
 */
final class SeenFromInside {
    private SeenFromInside() {}

    public static void main(String[] folders) throws IOException {
        Files.readAllLines(Path.of("/proc/1/status")).forEach(System.out::println);
        // cgroup v2, else v1
        for (String file : List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")) {
            if (Files.exists(Path.of(file))) {
                System.out.println(
                        "MemoryMax:\t" + Files.readString(Path.of(file)).trim());
            }
        }
        System.out.println("Processors:\t" + Runtime.getRuntime().availableProcessors());
        Stream.of(folders).forEach(folder -> System.out.println(folder + ":\t" + writeTo(folder)));
    }

    private static String writeTo(String folder) {
        try {
            Files.delete(Files.createTempFile(Path.of(folder), "written-", ".txt"));
            return "written";
        } catch (FileSystemException e) {
            return e.getReason() == null ? e.toString() : e.getReason();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
