package io.portcullis.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.data.redis.connection.ReturnType;

/**
 * A script of {@code resources/redis}, read and hashed once. Spring Data's {@code RedisScript} does either at every call,
 * under a lock that event loops would wait for.
 *
 * @param sha1 by which Redis knows it: 40 hexadecimal digits
 * @param text the script; read-only
 * @param answer what it returns: {@code MULTI} is a list, {@code VALUE} a word
 */
record Script(String sha1, ByteBuffer text, ReturnType answer) {

    /**
     * Loads a script.
     *
     * @param answer what it returns
     * @param names the files it is made of, in their order, without {@code .lua}
     */
    static Script load(ReturnType answer, String... names) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String name : names) {
                bytes.writeBytes(read("/redis/" + name + ".lua"));
            }
            byte[] text = bytes.toByteArray();
            String sha1 =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
            return new Script(sha1, ByteBuffer.wrap(text).asReadOnlyBuffer(), answer);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-1", e);
        }
    }

    private static byte[] read(String path) {
        try (InputStream file = Script.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
