package io.portcullis.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.soak.SoakChecker.Rule;
import io.portcullis.soak.SoakChecker.Verdict;
import io.portcullis.soak.SoakChecker.Violation;
import io.portcullis.soak.SoakRun.Load;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The soak fails where it has to: each of these gateways has a mistake, and the faults are those that it matters for. */
class SoakCatchesPlantedBugsIT {
    private static final long SEED = 20261126;
    private static final Duration AT_MOST = Duration.ofSeconds(20);
    private static final Duration JUDGED_EVERY = Duration.ofMillis(500);
    private static final Duration ACCESS_TOKENS_LIVE = Duration.ofSeconds(6);
    /** By then no replica remembers that a session was revoked. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(8);

    private static List<Rule> rules(PlantedBug bug, Load load) throws Exception {
        try (SoakWorld world = new SoakWorld(2, ACCESS_TOKENS_LIVE, bug)) {
            SoakRun run = new SoakRun(world, load, SEED);
            run.start();
            run.goOn(AT_MOST, JUDGED_EVERY);
            run.end();
            Verdict verdict = run.verdict();
            System.out.println(bug + "\n" + new SoakSummary(run, verdict));
            return verdict.violations().stream().map(Violation::rule).toList();
        }
    }

    @Test
    void ignoredAttemptIdsSignHonestClientsOut() throws Exception {
        Load load = new Load(10, 0, 0, 0, Duration.ZERO, List.of(SoakFault.REPLIES_CUT), 100, Duration.ZERO, false);

        assertThat(rules(PlantedBug.ATTEMPTS_FORGOTTEN, load))
                .isNotEmpty()
                .containsOnly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void withoutHealingALostWriteSignsHonestClientsOut() throws Exception {
        Load load = new Load(10, 0, 0, 0, Duration.ZERO, List.of(SoakFault.CRASHED), 100, Duration.ZERO, false);

        assertThat(rules(PlantedBug.NOTHING_HEALED, load))
                .isNotEmpty()
                .containsOnly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void lostRevocationsThatAreNotRepeatedComeBackToLife() throws Exception {
        Load load = new Load(10, 0, 150, 2, FORGOTTEN_AFTER, List.of(SoakFault.CRASHED), 3, AT_MOST, false);

        assertThat(rules(PlantedBug.REVOCATIONS_NOT_REPEATED, load))
                .isNotEmpty()
                .containsOnly(Rule.ACCEPTED_AFTER_ITS_END);
    }
}
