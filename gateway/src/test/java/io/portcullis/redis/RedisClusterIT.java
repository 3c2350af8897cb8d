package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The scripts are fit for Redis Cluster: each touches only keys that it declared, of one slot. The server is a cluster
 * of one node, which refuses a script that reaches into another slot.
 */
class RedisClusterIT {
    private static final RealmPolicy STRICT = Policies.strict();
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

    private static RedisServer redis;
    private static RedisClients clients;

    /** One command that MONITOR saw. */
    private record Command(boolean ofScript, List<String> words) {
        static Command of(String line) {
            List<String> words = new ArrayList<>();
            Matcher quoted = QUOTED.matcher(line);
            while (quoted.find()) {
                words.add(quoted.group(1));
            }
            return new Command(line.contains(" lua] "), words);
        }

        String name() {
            return words.get(0).toUpperCase();
        }

        List<String> declaredKeys() {
            int count = Integer.parseInt(words.get(2));
            return words.subList(3, 3 + count);
        }
    }

    @BeforeAll
    static void start() {
        redis = RedisServer.start("--cluster-enabled", "yes");
        redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await().until(() -> redis.command("CLUSTER", "INFO").contains("cluster_state:ok"));
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @BeforeEach
    void forgetEverything() {
        redis.command("FLUSHALL");
    }

    @Test
    @SecurityLine(27)
    void scriptsTouchDeclaredKeysOfOneSlotOnly() throws IOException {
        try (RespConnection monitor = RespConnection.open(redis.port())) {
            monitor.call("MONITOR");
            EveryCall.of(clients, redis);
            redis.command("ECHO", "the end");

            List<String> declared = List.of();
            Set<String> touched = new TreeSet<>();
            for (Command command = Command.of(monitor.next());
                    !command.name().equals("ECHO");
                    command = Command.of(monitor.next())) {
                if (command.name().startsWith("EVAL")) {
                    declared = command.declaredKeys();
                    assertThat(declared).hasSize(1);
                } else if (command.ofScript() && !command.name().equals("TIME")) {
                    assertThat(declared)
                            .as(command.toString())
                            .contains(command.words().get(1));
                    touched.add(command.name());
                }
            }
            assertThat(touched)
                    .contains(
                            "HMGET", "HGET", "HSET", "HDEL", "HLEN", "HGETALL", "PEXPIREAT", "PEXPIRE", "PTTL", "XADD");
        }
    }

    @Test
    void sessionsOfASubjectInARealmAreOneKeyThatDoesNotNameIt() {
        LiveSession one = LiveSession.of("ada@example.org", clients.store(0));
        LiveSession two = LiveSession.of("ada@example.org", clients.store(0));
        LiveSession other = LiveSession.of("eve@example.org", clients.store(0));
        one.open(STRICT);
        two.open(STRICT);
        two.inAnotherRealm().open(STRICT);
        other.open(STRICT);

        List<String> keys = redis.command("KEYS", "*").lines().toList();

        assertThat(keys).hasSize(3).allMatch(key -> key.matches("portcullis:sessions:[\\w-]{22}"));
    }
}
