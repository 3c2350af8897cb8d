package io.portcullis.token;

import io.portcullis.token.JwkSetFile.Content;
import io.portcullis.token.JwkSetFile.Unusable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key file as it was when it was read: what is judged and what is compared with later are the same bytes. */
public final class KeyFile {
    /** A set of a hundred RSA keys has a tenth of it. */
    private static final int BYTES_MAX = 1 << 20;

    private final Path path;
    private final byte @Nullable [] bytes;
    /** Why there are no bytes. */
    private final String failure;

    private KeyFile(Path path, byte @Nullable [] bytes, String failure) {
        this.path = path;
        this.bytes = bytes;
        this.failure = failure;
    }

    /** Reads it: blocking, small. That it cannot be read is what its keys say. */
    public static KeyFile read(Path path) {
        try (InputStream file = Files.newInputStream(path)) {
            byte[] bytes = file.readNBytes(BYTES_MAX + 1);
            return bytes.length > BYTES_MAX
                    ? new KeyFile(path, null, "larger than 1 MiB")
                    : new KeyFile(path, bytes, "");
        } catch (IOException e) {
            return new KeyFile(path, null, e.getClass().getSimpleName());
        }
    }

    /** The keys, of which the first signs and all verify. */
    public Content keys() {
        return content(true);
    }

    /** The keys, which only verify: public ones, or such as both sides share. */
    public Content keysToVerify() {
        return content(false);
    }

    private Content content(boolean firstSigns) {
        if (bytes == null) {
            return unreadable(failure);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return JwkSetFile.parse(text, path, firstSigns);
        } catch (CharacterCodingException e) {
            return unreadable(e.getClass().getSimpleName());
        }
    }

    private Content unreadable(String why) {
        return new Unusable(List.of(
                isPlainlyAPath()
                        ? "cannot be read: " + path + " (" + why + ")"
                        : "is not the path of a file that can be read; its value is not shown, it may be a key"));
    }

    /** Where a path is asked for, some set the key itself. */
    private boolean isPlainlyAPath() {
        String text = path.toString();
        return (path.isAbsolute() || text.endsWith(".json")) && text.indexOf('"') < 0;
    }

    /** Adds what it holds, or that it holds nothing: the same for the same content, and where it cannot be read, for the same reason. */
    public void addTo(MessageDigest digest) {
        byte[] held = bytes == null ? failure.getBytes(StandardCharsets.UTF_8) : bytes;
        digest.update((path + "\n" + (bytes != null) + "\n" + held.length + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(held);
    }

    @Override
    public String toString() {
        return "KeyFile[" + path + "]";
    }
}
