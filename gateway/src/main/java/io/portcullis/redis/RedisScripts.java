package io.portcullis.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.springframework.data.redis.core.script.DefaultRedisScript;
import org.springframework.data.redis.core.script.RedisScript;

/** The scripts of {@code resources/redis}, read once: a script with a location looks at its file at every call. */
final class RedisScripts {
    private RedisScripts() {}

    /**
     * @param name the file's name without {@code .lua}
     * @param answer what the script returns: a list, or a word
     */
    static <T> RedisScript<T> load(String name, Class<T> answer) {
        String path = "/redis/" + name + ".lua";
        try (InputStream file = RedisScripts.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return new DefaultRedisScript<>(new String(file.readAllBytes(), StandardCharsets.UTF_8), answer);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
