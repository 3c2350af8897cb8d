package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;

/**
 * {@code config/redis/*.acl}: security.md, 26. That they suffice say all integration tests, whose gateways are that user: a
 * {@link RedisServer} that has refused anything does not close. Here, that nothing in them can be left out.
 */
class RedisAclIT {
    private static final String NAME = "sessions";

    /** What the file allows, e.g. {@code hget} or {@code cluster|nodes}. */
    private static List<String> allowed(String acl) throws IOException {
        return RedisUsers.lines(acl).stream()
                .filter(line -> line.startsWith("user " + RedisUsers.GATEWAY + " "))
                .flatMap(line -> Stream.of(line.split(" ")))
                .filter(word -> word.startsWith("+"))
                .map(word -> word.substring(1))
                .toList();
    }

    /** What the server's log says that nobody may. */
    private static Set<String> refused(RedisServer redis) {
        List<String> lines = redis.command("ACL", "LOG").lines().toList();
        Set<String> commands = new TreeSet<>();
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).equals("object")) {
                commands.add(lines.get(i + 1));
            }
        }
        return commands;
    }

    private static void forget(RedisServer redis) {
        redis.command("ACL", "LOG", "RESET");
    }

    private static void allow(RedisServer redis, String change) {
        redis.command("ACL", "SETUSER", RedisUsers.GATEWAY, change);
    }

    @Test
    @SecurityLine(26)
    void withoutAnyOfTheCommandsSomethingFails() throws IOException {
        try (RedisServer redis = RedisServer.start()) {
            callEverything(redis, RedisUsers.at(redis.port()));
            assertThat(refused(redis)).isEmpty();

            for (String command : allowed("redis.acl")) {
                allow(redis, "-" + command);
                catchThrowable(() -> callEverything(redis, RedisUsers.at(redis.port())));

                assertThat(refused(redis)).as("refused without " + command).containsExactly(command);
                allow(redis, "+" + command);
                forget(redis);
            }
        }
    }

    /** With nothing that Redis remembers of an earlier time: no key, no script, no connection. */
    private static void callEverything(RedisServer redis, RedisConfiguration configuration) {
        redis.command("FLUSHALL");
        redis.command("SCRIPT", "FLUSH");
        redis.command("CONFIG", "RESETSTAT");
        try (RedisClients clients = new RedisClients(configuration, 1).connected()) {
            EveryCall.of(clients, redis);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET other:key",
                "HGET portcullis key",
                "FLUSHALL",
                "KEYS portcullis:*",
                "SCAN 0",
                "CONFIG GET requirepass",
                "ACL LIST",
                "MONITOR",
                "SCRIPT FLUSH",
                "SUBSCRIBE portcullis:channel",
                "RENAME portcullis:one portcullis:another",
                "DUMP portcullis:one"
            })
    @SecurityLine(26)
    void nothingElseIsAllowed(String command) {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(dryRun(redis, "HGET portcullis:sessions:ab key")).isEqualTo("OK");
            assertThat(dryRun(redis, command)).contains("no permissions");
        }
    }

    private static String dryRun(RedisServer redis, String command) {
        return redis.command(
                Stream.concat(Stream.of("ACL", "DRYRUN", RedisUsers.GATEWAY), Stream.of(command.split(" ")))
                        .toArray(String[]::new));
    }

    /** As it is shipped, nobody is let in: whoever uses it has to think of a password. */
    @ParameterizedTest
    @ValueSource(strings = {"redis.acl", "cluster.acl", "sentinel.acl"})
    void noPasswordIsShipped(String acl) throws IOException {
        assertThat(RedisUsers.shipped(acl))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("user default off"))
                .noneMatch(line -> line.matches(".* (nopass|[>#]).*"));
    }

    @Test
    void theReadmeMakesAPasswordAndItsHash() throws IOException, InterruptedException {
        Matcher block = Pattern.compile("```sh\n(PASSWORD=.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("config", "README.md")));
        assertThat(block.find()).isTrue();
        Process shell = new ProcessBuilder("bash", "-c", block.group(1) + "echo \"$PASSWORD\"").start();
        List<String> made = shell.inputReader().lines().toList();
        assertThat(shell.waitFor()).isZero();

        try (RedisServer redis = RedisServer.start()) {
            allow(redis, made.get(0));

            assertThat(made.get(1)).hasSize(64);
            assertThat(redis.command("AUTH", RedisUsers.GATEWAY, made.get(1))).isEqualTo("OK");
        }
    }

    @Test
    @SecurityLine(26)
    void aClusterTakesTheSameAndWhoHasWhichSlots() throws IOException {
        List<String> lone = allowed("redis.acl");
        List<String> more = allowed("cluster.acl").stream()
                .filter(command -> !lone.contains(command))
                .toList();

        assertThat(allowed("cluster.acl")).containsAll(lone);
        try (RedisServer redis = RedisServer.start("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1")) {
            redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await().until(() -> redis.command("CLUSTER", "INFO").contains("cluster_state:ok"));
            callEverythingOfACluster(redis);
            assertThat(refused(redis)).isEmpty();

            for (String command : more) {
                allow(redis, "-" + command);
                catchThrowable(() -> callEverythingOfACluster(redis));

                assertThat(refused(redis)).as("refused without " + command).containsExactly(command);
                allow(redis, "+" + command);
                forget(redis);
            }
        }
    }

    private static void callEverythingOfACluster(RedisServer redis) {
        RedisClusterConfiguration nodes = new RedisClusterConfiguration(List.of("127.0.0.1:" + redis.port()));
        nodes.setUsername(RedisUsers.GATEWAY);
        nodes.setPassword(RedisPassword.of(RedisUsers.PASSWORD));
        callEverything(redis, nodes);
    }

    @Test
    @SecurityLine(26)
    void aSentinelIsAskedForTheMasterOnly() throws IOException {
        assertThat(allowed("sentinel.acl")).hasSize(1);
        try (RedisServer master = RedisServer.start();
                RedisServer sentinel = RedisServer.startSentinel(
                        "monitor " + NAME + " 127.0.0.1 " + master.port() + " 1",
                        "auth-user " + NAME + " " + RedisUsers.ADMINISTRATOR,
                        "auth-pass " + NAME + " " + RedisUsers.ADMINISTRATORS_PASSWORD)) {
            connectThrough(sentinel);
            assertThat(refused(sentinel)).isEmpty();

            allow(sentinel, "-" + allowed("sentinel.acl").get(0));
            assertThatThrownBy(() -> connectThrough(sentinel)).isInstanceOf(RuntimeException.class);

            assertThat(refused(sentinel)).isEqualTo(Set.copyOf(allowed("sentinel.acl")));
            forget(sentinel);
        }
    }

    private static void connectThrough(RedisServer sentinel) {
        RedisSentinelConfiguration redis = new RedisSentinelConfiguration(NAME, Set.of("127.0.0.1:" + sentinel.port()));
        redis.setUsername(RedisUsers.GATEWAY);
        redis.setPassword(RedisPassword.of(RedisUsers.PASSWORD));
        redis.setSentinelUsername(RedisUsers.GATEWAY);
        redis.setSentinelPassword(RedisPassword.of(RedisUsers.PASSWORD));
        try (RedisClients clients = new RedisClients(redis, 1)) {
            clients.connected();
        }
    }
}
