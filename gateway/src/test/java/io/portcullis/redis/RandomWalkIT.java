package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.ClaimsChange.Changed;
import io.portcullis.session.ReferenceSessionStore;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Recognised;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionStore;
import io.portcullis.session.Successor;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Redis and the rules in plain Java, led through the same random steps, answer alike: to the millisecond, since the
 * reference's clock is set to the times that Redis answers with. A walk is repeated with {@code -Dportcullis.seed=...}.
 */
class RandomWalkIT {
    private static final int WALKS = 500;
    private static final int STEPS_A_WALK = 50;
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

    private static RedisServer redis;
    private static RedisClients clients;

    private final Set<Object> answersSeen = new HashSet<>();
    private Instant redisTime = Instant.EPOCH;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @Test
    void redisAnswersAsTheReferenceDoes() {
        long seed = Long.getLong("portcullis.seed", System.nanoTime());
        System.out.println("random walk of " + WALKS * STEPS_A_WALK + " steps, -Dportcullis.seed=" + seed);
        Random random = new Random(seed);
        // the first answer may not say what time it is
        redisTime = timeAfter(Instant.EPOCH);

        for (int walk = 0; walk < WALKS; walk++) {
            ReferenceSessionStore reference = new ReferenceSessionStore(() -> redisTime);
            SessionStore store = clients.store(0);
            RandomStep steps = new RandomStep(random);
            for (int step = 0; step < STEPS_A_WALK; step++) {
                RandomStep.Call call = steps.next();
                if (call.needsTheTime()) {
                    redisTime = timeAfter(redisTime);
                }
                Object answer = call.on(store).block(ANSWERS_WITHIN);
                setClockBy(answer);
                if (call.leavesTheTime()) {
                    timeAfter(timeAfter(redisTime));
                }

                assertThat(answer)
                        .as("seed %d, walk %d, step %d: %s", seed, walk, step, call)
                        .isEqualTo(call.on(reference).block(ANSWERS_WITHIN));
                steps.learn(answer);
                answersSeen.add(kind(answer));
            }
        }
        assertThat(answersSeen).as("kinds of answer seen, seed %d", seed).containsExactlyInAnyOrder(everyKind());
    }

    /** A successor made now carries Redis' time, and so does a reuse; one made before does not move the clock. */
    private void setClockBy(Object answer) {
        if (answer instanceof Granted granted) {
            setClockBy(granted.successor());
        } else if (answer instanceof Successor successor && successor.issuedAt().isAfter(redisTime)) {
            redisTime = successor.issuedAt();
        } else if (answer instanceof Changed changed && changed.at().isAfter(redisTime)) {
            redisTime = changed.at();
        }
        if (answer instanceof Recognised recognised) {
            redisTime = recognised.reuse().reusedAt();
        }
    }

    private static Instant timeAfter(Instant past) {
        Instant now = past;
        while (!now.isAfter(past)) {
            String[] time = redis.command("TIME").split("\n");
            now = Instant.ofEpochMilli(Long.parseLong(time[0]) * 1000 + Long.parseLong(time[1]) / 1000);
        }
        return now;
    }

    private static Object kind(Object answer) {
        if (answer instanceof Rotated rotated) {
            return rotated.cause();
        }
        if (answer instanceof Found found && found.session().tombstone() != null) {
            return found.session().tombstone().reason();
        }
        boolean told = answer instanceof Boolean || answer instanceof Revocation;
        return told ? answer : answer instanceof Collection<?> ? Collection.class : answer.getClass();
    }

    private static Object[] everyKind() {
        Set<Object> kinds = new HashSet<>(Set.of(true, false, Successor.class, Collection.class, Changed.class));
        kinds.addAll(Set.of(SessionLookup.class.getPermittedSubclasses()));
        kinds.addAll(Set.of(RevocationReason.values()));
        kinds.remove(RevocationReason.OTHER);
        kinds.addAll(Set.of(RotationCause.values()));
        kinds.addAll(Set.of(Revocation.values()));
        kinds.addAll(Set.of(Granted.class.getPermittedSubclasses()));
        kinds.addAll(Set.of(RotationOutcome.Refused.class.getPermittedSubclasses()));
        kinds.remove(Rotated.class);
        return kinds.toArray();
    }
}
