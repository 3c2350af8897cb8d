package io.portcullis.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README's lines for a shell, for the port that the demo listens on. */
public final class DemoInstructions {
    private static final Pattern BLOCK =
            Pattern.compile("## See a stolen token die.*?```sh\\R(.*?)```", Pattern.DOTALL);

    private DemoInstructions() {}

    /** Reads them from the README in the working directory, the repository's root. */
    public static String forPort(int port) {
        try {
            Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
            if (!block.find()) {
                throw new IllegalStateException("README.md has no such block: " + BLOCK);
            }
            return block.group(1).replace("localhost:8080", "localhost:" + port);
        } catch (IOException e) {
            throw new UncheckedIOException("the demo runs in the repository's root, beside README.md", e);
        }
    }
}
