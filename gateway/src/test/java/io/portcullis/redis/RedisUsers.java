package io.portcullis.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

/**
 * Who may do what at the tests' Redis servers: gateways are the user of {@code config/redis/}, with a password and nothing
 * else added, and tests, replicas and Sentinels are an administrator. Nobody gets in without a name.
 */
public final class RedisUsers {
    public static final String GATEWAY = "portcullis";
    public static final String PASSWORD = "the-gateways-of-tests";
    static final String ADMINISTRATOR = "administrator";
    static final String ADMINISTRATORS_PASSWORD = "the-tests-themselves";

    private static final Path ACLS = Path.of("config", "redis");

    private RedisUsers() {}

    /** Where Redis is that listens on that port of this machine, or is behind it. */
    public static String url(int port) {
        return "redis://" + GATEWAY + ":" + PASSWORD + "@127.0.0.1:" + port;
    }

    /** The same for a client that Spring does not make. */
    static RedisStandaloneConfiguration at(int port) {
        RedisStandaloneConfiguration redis = new RedisStandaloneConfiguration("127.0.0.1", port);
        redis.setUsername(GATEWAY);
        redis.setPassword(PASSWORD);
        return redis;
    }

    /** Who the gateway is where Redis fails over. */
    static Stream<String> properties() {
        return Stream.of("spring.data.redis.username=" + GATEWAY, "spring.data.redis.password=" + PASSWORD);
    }

    static List<String> shipped(String acl) throws IOException {
        return Files.readAllLines(ACLS.resolve(acl));
    }

    /** The lines of that file, as a server can be given them. */
    static List<String> lines(String acl) throws IOException {
        Stream<String> shipped = shipped(acl).stream()
                .map(line -> line.startsWith("user " + GATEWAY + " ") ? line + " >" + PASSWORD : line);
        return Stream.concat(
                        shipped,
                        Stream.of("user " + ADMINISTRATOR + " on >" + ADMINISTRATORS_PASSWORD + " ~* &* +@all"))
                .toList();
    }
}
