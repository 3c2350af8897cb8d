package io.portcullis.token;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/** Keys that stand in RFCs and on websites, with their private halves, for everybody to copy: nobody's own. */
final class PublishedKeys {
    private static final Set<String> THUMBPRINTS = read("published-keys.txt");

    private PublishedKeys() {}

    /** @param thumbprint RFC 7638, SHA-256 */
    static boolean has(String thumbprint) {
        return THUMBPRINTS.contains(thumbprint);
    }

    private static Set<String> read(String resource) {
        try (InputStream file = PublishedKeys.class.getResourceAsStream(resource)) {
            if (file == null) {
                throw new IllegalStateException(resource + " is not in this jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" ", 2)[0])
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
