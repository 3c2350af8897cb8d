package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionState;
import io.portcullis.session.TokenHash;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            callEverything();
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

    /** As if one of them had been over for long, when another opens. */
    private static void forgetOneOf(List<SessionState> sessions) {
        StoredRecords record = StoredRecords.of(redis, sessions.get(0).id().value());
        for (String time : List.of("from", "at", "ends", "own")) {
            record.set(time, "1000");
        }
        record.set("keep", "");
    }

    /** Every script, every branch of the one that rotates. */
    private void callEverything() {
        LiveSession session = LiveSession.of("ada@example.org", clients.store(0));
        AttemptId attempt = AttemptId.random();
        RealmPolicy grace = Policies.withGrace(Duration.ofHours(1));
        session.rotate(0, STRICT);
        session.open(STRICT);
        session.open(STRICT);
        session.inAnotherRealm().rotate(0, STRICT);
        session.ofAStranger().rotate(0, STRICT);
        session.changeClaims(Map.of("role", "1", "plan", "null"), STRICT);
        session.rotate(0, attempt, STRICT);
        session.rotate(0, attempt, STRICT);
        session.rotate(0, grace);
        session.markUndelivered(1, attempt);
        session.rotate(0, STRICT);
        session.rotate(4, attempt, STRICT);
        session.markUndelivered(5, attempt);
        assertThat(session.rotate(5, STRICT)).isInstanceOf(Rotated.class);
        assertThat(session.rotate(0, Policies.reporting())).isInstanceOf(Reported.class);
        assertThat(session.rotate(0, STRICT)).isInstanceOf(Reused.class);
        session.rotate(0, STRICT);
        LiveSession adopted = LiveSession.of("ada@example.org", clients.store(0));
        adopted.adopt(attempt, STRICT, Instant.now().plusSeconds(60));
        adopted.rotate(1, Policies.lasting(Duration.ofMillis(1), Duration.ofHours(1)));
        adopted.revoke();
        adopted.revoke();
        TokenHash token = TokenHash.of("a token");
        AttemptId another = AttemptId.random();
        for (AttemptId claimant : List.of(attempt, another)) {
            clients.store(0).claimAdoption(token, claimant, Duration.ofHours(1)).block();
        }
        clients.store(0).giveBackAdoption(token, attempt).block();
        clients.store(0)
                .completeAdoption(token, another, "sealed", Instant.now().plusSeconds(60))
                .block();
        RealmPolicy two = Policies.limited(STRICT, 2);
        for (int i = 0; i < 4; i++) {
            session.sibling().open(two);
        }
        session.sibling().adopt(attempt, two, Instant.now().plusSeconds(60));
        StoredRecords.of(redis, session.listed().get(0).id().value()).remove();
        session.sibling().open(two);
        forgetOneOf(session.listed());
        session.sibling().open(two);
        assertThat(session.listed()).hasSizeGreaterThan(4);
        session.revokeById();
        assertThat(session.revokeAll(STRICT).all()).hasSizeGreaterThan(4);
        session.find();
    }
}
