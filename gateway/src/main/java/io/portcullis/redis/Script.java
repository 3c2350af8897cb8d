package io.portcullis.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.data.redis.connection.ReturnType;

/**
 * A script of {@code resources/redis}, read and hashed once. Spring Data's {@code RedisScript} does either at every call,
 * under a lock that event loops would wait for.
 *
 * @param sha1 by which Redis knows it: 40 hexadecimal digits
 * @param text the script
 * @param answer what it returns: {@code MULTI} is a list, {@code VALUE} a word
 */
record Script(String sha1, String text, ReturnType answer) {

    /**
     * Loads a script.
     *
     * @param answer what it returns
     * @param names the files it is made of, in their order, without {@code .lua}
     */
    static Script load(ReturnType answer, String... names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            text.append(read("/redis/" + name + ".lua"));
        }
        return of(answer, text.toString());
    }

    static Script of(ReturnType answer, String text) {
        try {
            byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Script(HexFormat.of().formatHex(sha1), text, answer);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-1", e);
        }
    }

    private static String read(String path) {
        try (InputStream file = Script.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
