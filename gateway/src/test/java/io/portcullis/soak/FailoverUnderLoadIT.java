package io.portcullis.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import io.portcullis.redis.RedisCluster;
import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisSentinels;
import io.portcullis.soak.SoakChecker.Rule;
import io.portcullis.soak.SoakChecker.Verdict;
import io.portcullis.soak.SoakChecker.Violation;
import io.portcullis.soak.SoakRun.Load;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Two replicas under mixed load whose Redis fails over, and loses its last writes on purpose: clients whose newer token it
 * forgot are healed and none is signed out, nothing that was revoked comes back to life, and a session has one live leaf.
 */
class FailoverUnderLoadIT {
    private static final Duration ACCESS_TOKENS_LIVE = Duration.ofSeconds(12);
    private static final List<SoakFault> FAULTS = List.of(SoakFault.MASTER_KILLED, SoakFault.MASTER_FROZEN);
    private static final Duration BETWEEN_FAULTS = Duration.ofSeconds(2);
    private static final Duration MADE_WITHIN = Duration.ofMinutes(3);
    /** In which everything recovers. */
    private static final Duration CALM = Duration.ofSeconds(8);

    private static final Duration FOUND_WITHIN = Duration.ofMinutes(1);
    private static final Duration JUDGED_EVERY = Duration.ofMillis(500);

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());

    @Test
    @SecurityLine(44)
    void whatSentinelsLoseSignsNobodyOutAndBringsNothingBackToLife() throws Exception {
        assertThatNothingElseIsLost(RedisSentinels.start());
    }

    @Test
    @SecurityLine(44)
    void whatAClusterLosesSignsNobodyOutAndBringsNothingBackToLife() throws Exception {
        assertThatNothingElseIsLost(RedisCluster.start());
    }

    private void assertThatNothingElseIsLost(RedisFailover servers) throws Exception {
        System.out.println("failover under load, -Dportcullis.seed=" + seed);
        FailoverRedis redis = new FailoverRedis(servers);
        try (SoakWorld world = new SoakWorld(redis, 2, ACCESS_TOKENS_LIVE, PlantedBug.NONE)) {
            SoakRun run = new SoakRun(
                    world,
                    new Load(24, 1, 500, 2, Duration.ZERO, true),
                    new Faults.Plan(FAULTS, 1, BETWEEN_FAULTS),
                    seed);
            run.start();
            await().atMost(MADE_WITHIN).until(() -> run.faults().made().keySet().containsAll(FAULTS));
            run.endFaults();
            run.goOn(CALM, CALM);
            run.end();
            List<Held> live = run.audit();
            List<Long> leaves = live.stream()
                    .map(held -> leaves(run, held, redis.generation(held.session())))
                    .toList();
            run.steal(live);

            Verdict verdict = run.verdict();
            SoakSummary summary = new SoakSummary(run, verdict);
            System.out.println(summary + "\n" + counts(verdict) + "\nlive leaves of sessions that live: " + leaves);
            assertThat(verdict.violations())
                    .as("seed %d\n%s", seed, summary.stories())
                    .isEmpty();
            assertThat(leaves).isNotEmpty().containsOnly(1L);
            assertThat(summary.refreshes("healed")).isPositive();
            assertThat(verdict.turnedAway()).isPositive();
        }
    }

    /** How many refresh tokens of a session were handed out that Redis would accept where it has that generation. */
    private static long leaves(SoakRun run, Held held, long generation) {
        return run.operations().stream()
                .filter(operation -> operation.session().equals(held.session())
                        && operation.isRefreshed()
                        && operation.generation() + 1 >= generation)
                .map(Operation::child)
                .distinct()
                .count();
    }

    private static String counts(Verdict verdict) {
        return String.join(
                "\n",
                Stream.of(Rule.values())
                        .map(rule -> rule + ": "
                                + verdict.violations().stream()
                                        .filter(violation -> violation.rule() == rule)
                                        .count())
                        .toList());
    }

    @Test
    void withoutHealingAKilledMasterSignsHonestClientsOut() throws Exception {
        FailoverRedis redis = new FailoverRedis(RedisSentinels.start());
        try (SoakWorld world = new SoakWorld(redis, 2, ACCESS_TOKENS_LIVE, PlantedBug.NOTHING_HEALED)) {
            SoakRun run = new SoakRun(
                    world,
                    Load.ofHonest(20),
                    new Faults.Plan(List.of(SoakFault.MASTER_KILLED), 1, BETWEEN_FAULTS),
                    seed);
            run.start();
            run.goOn(FOUND_WITHIN, JUDGED_EVERY);
            run.end();

            Verdict verdict = run.verdict();
            System.out.println(new SoakSummary(run, verdict));
            assertThat(verdict.violations())
                    .extracting(Violation::rule)
                    .isNotEmpty()
                    .containsOnly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
        }
    }
}
