package io.portcullis;

import io.portcullis.token.NewJwkSet;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** {@code java -jar portcullis-gateway.jar keys <algorithm> [file]}: makes a key file, and no gateway. */
final class KeysCommand {
    static final String NAME = "keys";
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private KeysCommand() {}

    /**
     * Makes a key.
     *
     * @param args with {@link #NAME} first
     * @param out where the key goes that is for no file
     * @return the exit code
     */
    static int run(String[] args, PrintStream out, PrintStream err) {
        if (args.length < 2 || args.length > 3 || !NewJwkSet.ALGORITHMS.contains(args[1])) {
            err.println("usage: keys <algorithm> [file], where the algorithm is one of "
                    + String.join(", ", NewJwkSet.ALGORITHMS));
            return MISUSED;
        }
        String keys = NewJwkSet.of(args[1]);
        if (args.length == 2) {
            out.println(keys);
            return 0;
        }
        try {
            // for its owner alone before there is anything in it; and a key in use is never overwritten
            write(Files.createFile(Path.of(args[2]), ownersAlone()), keys);
            return 0;
        } catch (FileAlreadyExistsException e) {
            err.println(args[2] + " is there already");
        } catch (IOException e) {
            err.println(args[2] + " cannot be written: " + e);
        }
        return FAILED;
    }

    private static void write(Path file, String keys) throws IOException {
        try {
            Files.writeString(file, keys + System.lineSeparator());
        } catch (IOException e) {
            Files.delete(file);
            throw e;
        }
    }

    private static FileAttribute<?>[] ownersAlone() {
        boolean hasPermissions =
                Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");
        return hasPermissions
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
