package io.portcullis.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.SoakChecker.Verdict;
import io.portcullis.soak.SoakRun.Load;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Three replicas under mixed load while everything goes wrong: never two children of one refresh token, nothing accepted once
 * its end was acknowledged, no honest client signed out. {@code -Dportcullis.soak=PT10M} is how long it takes,
 * {@code -Dportcullis.seed=...} repeats who does what (not when).
 */
class SoakIT {
    private static final Duration TIME = Duration.parse(System.getProperty("portcullis.soak", "PT60S"));
    private static final Duration ACCESS_TOKENS_LIVE = Duration.ofSeconds(12);
    private static final Duration CALM_BETWEEN = Duration.ofSeconds(6);
    /** In which everything recovers. */
    private static final Duration CALM = Duration.ofSeconds(8);
    /** Each, and the one twice after which something has to be made up for. */
    private static final List<SoakFault> FAULTS = Stream.concat(
                    SoakFault.OF_ONE_SERVER.stream(), Stream.of(SoakFault.CRASHED))
            .toList();

    private static final Duration JUDGED_EVERY = Duration.ofSeconds(10);

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());

    private static boolean happened(SoakRun run, Kind kind, Actor actor, int status) {
        return run.operations().stream()
                .anyMatch(operation ->
                        operation.kind() == kind && operation.actor() == actor && operation.status() == status);
    }

    @Test
    void whateverGoesWrongNobodyIsSignedOutAndNothingComesBackToLife() throws Exception {
        System.out.println("soak of " + TIME + ", -Dportcullis.seed=" + seed);
        try (SoakWorld world = new SoakWorld(3, ACCESS_TOKENS_LIVE, PlantedBug.NONE)) {
            SoakRun run = new SoakRun(
                    world,
                    new Load(14, 2, 600, 2, Duration.ZERO, true),
                    new Faults.Plan(FAULTS, 6, CALM_BETWEEN),
                    seed);
            run.start();
            run.goOn(TIME.minus(CALM), JUDGED_EVERY);
            run.endFaults();
            run.goOn(CALM, JUDGED_EVERY);
            run.end();
            run.audit();

            Verdict verdict = run.verdict();
            SoakSummary summary = new SoakSummary(run, verdict);
            System.out.println(summary);
            assertThat(verdict.violations())
                    .as("seed %d\n%s", seed, summary.stories())
                    .isEmpty();
            assertThatSomethingHappened(run, summary);
        }
    }

    private void assertThatSomethingHappened(SoakRun run, SoakSummary summary) {
        assertThat(run.faults().made()).as("faults; seed %d", seed).containsOnlyKeys(SoakFault.OF_ONE_SERVER);
        assertThat(happened(run, Kind.LOGIN, Actor.HONEST, 200)).isTrue();
        assertThat(happened(run, Kind.REFRESH, Actor.HONEST, 200)).isTrue();
        assertThat(happened(run, Kind.REFRESH, Actor.HONEST, 503)).isTrue();
        assertThat(happened(run, Kind.REFRESH, Actor.HONEST, Operation.BROKEN)).isTrue();
        assertThat(happened(run, Kind.FORWARD, Actor.HONEST, 200)).isTrue();
        assertThat(happened(run, Kind.LOGOUT, Actor.HONEST, 200)).isTrue();
        assertThat(happened(run, Kind.REFRESH, Actor.THIEF, 401)).isTrue();
        assertThat(happened(run, Kind.REVOKE, Actor.OPERATOR, 200)).isTrue();
        assertThat(happened(run, Kind.REVOKE_ALL, Actor.OPERATOR, 200)).isTrue();
        assertThat(happened(run, Kind.REFRESH, Actor.AUDITOR, 401)).isTrue();
        assertThat(happened(run, Kind.FORWARD, Actor.AUDITOR, 401)).isTrue();
        assertThat(run.leftInTime()).isPositive();
        for (String outcome : List.of("rotated", "repeated", "healed", "reused", "revoked", "unavailable")) {
            assertThat(summary.refreshes(outcome)).as(outcome).isPositive();
        }
        assertThat(summary.restored()).isPositive();
        assertThat(summary.verdict().turnedAway()).isPositive();
    }
}
