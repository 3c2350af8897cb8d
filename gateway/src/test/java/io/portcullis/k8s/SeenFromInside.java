package io.portcullis.k8s;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a container looks like from inside, printed: the state of its first process, what its cgroup allows, and which folders
 * can be written to. It is started in the container, where there is no shell and nothing of ours but this class.
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
        Stream.of(folders)
                .filter(SeenFromInside::isWritable)
                .forEach(folder -> System.out.println("Writable:\t" + folder));
    }

    private static boolean isWritable(String folder) {
        try {
            Files.delete(Files.createTempFile(Path.of(folder), "written-", ".txt"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
