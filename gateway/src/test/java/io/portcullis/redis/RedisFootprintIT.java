package io.portcullis.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.TokenHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sessions leave in Redis: how much, for how long, and nothing that names anybody. */
class RedisFootprintIT {
    private static final RealmPolicy STRICT = Policies.strict();
    private static final Duration MARGIN = Duration.ofMinutes(1);
    private static final RedisKeys KEYS = new RedisKeys(RedisClients.KEY_PREFIX);

    private RedisServer redis;
    private RedisClients clients;

    @BeforeEach
    void start() {
        // uncompressed, so that a name could be found in it
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always", "--rdbcompression", "no");
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    /** Generation 3 is one byte of the record and generation 1,000 three; the times since grow in the same way. */
    @Test
    @SecurityLine(28)
    void recordStaysAsSmallAsItWas() {
        LiveSession session = opened("ada@example.org");
        String key = keyOf(session);
        long opened = bytes(key);
        rotate(session, 0, 3);
        long atFirst = bytes(key);
        rotate(session, 3, 1_000);
        long later = bytes(key);
        String generation = StoredRecords.of(redis, session.ref().id().value()).get("gen");
        session.revoke();

        System.out.printf(
                "bytes per session: %d (%d before the first rotation, %d after three, %d as a tombstone)%n",
                later, opened, atFirst, bytes(key));
        assertThat(generation).isEqualTo("1000");
        assertThat(redis.command("OBJECT", "ENCODING", key)).isEqualTo("listpack");
        assertThat(later - atFirst).isBetween(0L, 16L);
        assertThat(later).isLessThan(400);
    }

    @Test
    void anotherSessionOfASubjectAddsItsRecord() {
        LiveSession first = opened("ada@example.org");
        long one = bytes(keyOf(first));
        for (int i = 1; i < 10; i++) {
            opened("ada@example.org");
        }
        long share = (bytes(keyOf(first)) - one) / 9;

        System.out.printf("bytes per session: another session of a subject %d%n", share);
        // and the realm, and how many there were when it was looked for any that are over
        assertThat(redis.command("HLEN", keyOf(first))).isEqualTo("12");
        assertThat(share).isBetween(40L, 96L);
    }

    @Test
    @SecurityLine(28)
    void everyKeyExpiresAMinuteAfterWhatItIsAbout() {
        LiveSession unused = opened("ada@example.org");
        LiveSession rotated = opened("bob@example.org");
        rotate(rotated, 0, 5);
        LiveSession revoked = opened("eve@example.org");
        revoked.revoke();
        LiveSession stolen = opened("dan@example.org");
        rotate(stolen, 0, 2);
        assertThat(stolen.rotate(0, STRICT)).isInstanceOf(Reused.class);
        LiveSession adopted = LiveSession.of("kim@example.org", clients.store(0));
        Duration keep = Policies.IDLE.multipliedBy(3);
        adopted.adopt(AttemptId.random(), STRICT, Instant.now().plus(keep));
        TokenHash claimed = TokenHash.of("claimed");
        TokenHash completed = TokenHash.of("completed");
        AttemptId claimant = AttemptId.random();
        clients.store(0)
                .claimAdoption(claimed, claimant, Duration.ofSeconds(30))
                .block();
        clients.store(0)
                .claimAdoption(completed, claimant, Duration.ofSeconds(30))
                .block();
        clients.store(0)
                .completeAdoption(completed, claimant, "sealed", Instant.now().plus(keep))
                .block();
        LiveSession brief = LiveSession.of("lea@example.org", clients.store(0));
        RealmPolicy overAtOnce = Policies.lasting(Duration.ofMillis(1), Duration.ofMillis(1));
        brief.open(overAtOnce);
        LiveSession briefAdopted = LiveSession.of("max@example.org", clients.store(0));
        briefAdopted.adopt(AttemptId.random(), overAtOnce, Instant.now());

        for (LiveSession session : List.of(unused, rotated, revoked, stolen)) {
            assertLives(keyOf(session), Policies.IDLE.plus(MARGIN));
        }
        assertLives(keyOf(adopted), keep.plus(MARGIN));
        assertLives(KEYS.adoption(claimed), Duration.ofSeconds(30));
        assertLives(KEYS.adoption(completed), keep.plus(MARGIN));
        assertLives(keyOf(brief), STRICT.accessTokenLifetime().plus(MARGIN));
        assertLives(keyOf(briefAdopted), STRICT.accessTokenLifetime().plus(MARGIN));
        // -1 is a key that never expires
        assertThat(keys()).allSatisfy(key -> assertThat(ttl(key)).isNotEqualTo(-1));
    }

    @Test
    void keyOutlivesTheLongestSessionInIt() {
        opened("ada@example.org");
        LiveSession shorter = LiveSession.of("ada@example.org", clients.store(0));
        shorter.open(Policies.lasting(Duration.ofMinutes(1), Duration.ofMinutes(2)));

        assertLives(keyOf(shorter), Policies.IDLE.plus(MARGIN));
    }

    @Test
    void neitherSnapshotNorLogNamesAnybody() {
        for (int i = 0; i < 100; i++) {
            LiveSession session = opened("user" + i + "@example.org");
            rotate(session, 0, 3);
            session.markUndelivered(3, AttemptId.random());
            if (i % 3 == 0) {
                session.rotate(0, STRICT);
            } else if (i % 3 == 1) {
                session.revoke();
            }
            LiveSession.of("guest" + i + "@example.org", clients.store(0))
                    .adopt(AttemptId.random(), STRICT, Instant.now().plus(Policies.IDLE));
        }
        redis.command("SET", "canary", "canary@example.com");
        redis.command("SAVE");

        for (String file : List.of(contentOf("dump.rdb"), contentOf("appendonlydir"))) {
            assertThat(file.contains("canary@example.com")).isTrue();
            assertThat(file.contains(RedisClients.KEY_PREFIX + "sessions:")).isTrue();
            assertThat(file.contains("example.org")).isFalse();
            assertThat(file.contains("user7")).isFalse();
        }
    }

    private LiveSession opened(String subject) {
        LiveSession session = LiveSession.of(subject, clients.store(0));
        session.open(STRICT);
        return session;
    }

    private static void rotate(LiveSession session, long from, long to) {
        for (long generation = from; generation < to; generation++) {
            session.successor(generation, AttemptId.random(), STRICT);
        }
    }

    private static String keyOf(LiveSession session) {
        return KEYS.sessions(session.ref().subjectHash());
    }

    private List<String> keys() {
        List<String> keys = redis.command("KEYS", "*").lines().toList();
        assertThat(keys).isNotEmpty();
        return keys;
    }

    private long bytes(String key) {
        return Long.parseLong(redis.command("MEMORY", "USAGE", key));
    }

    private long ttl(String key) {
        return Long.parseLong(redis.command("PTTL", key));
    }

    /** Up to a quarter of a minute has passed since. */
    private void assertLives(String key, Duration time) {
        assertThat(ttl(key)).as(key).isBetween(time.minusSeconds(15).toMillis(), time.toMillis());
    }

    private String contentOf(String name) {
        try (Stream<Path> files = Files.walk(redis.directory().resolve(name))) {
            StringBuilder content = new StringBuilder();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.append(Files.readString(file, ISO_8859_1));
            }
            return content.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
