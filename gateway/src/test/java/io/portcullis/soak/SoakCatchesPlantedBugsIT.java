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

    private static List<Rule> violated(PlantedBug bug, Load load, Faults.Plan plan) throws Exception {
        try (SoakWorld world = new SoakWorld(2, ACCESS_TOKENS_LIVE, bug)) {
            SoakRun run = new SoakRun(world, load, plan, SEED);
            run.start();
            run.goOn(AT_MOST, JUDGED_EVERY);
            run.end();
            Verdict verdict = run.verdict();
            System.out.println(bug + "\n" + new SoakSummary(run, verdict));
            return verdict.violations().stream().map(Violation::rule).toList();
        }
    }

    private static Faults.Plan only(SoakFault kind, int inARow) {
        return new Faults.Plan(List.of(kind), inARow, AT_MOST);
    }

    @Test
    void ignoredAttemptIdsSignHonestClientsOut() throws Exception {
        assertThat(violated(PlantedBug.ATTEMPTS_FORGOTTEN, Load.ofHonest(10), only(SoakFault.REPLIES_CUT, 30)))
                .isNotEmpty()
                .containsOnly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void withoutHealingALostWriteSignsHonestClientsOut() throws Exception {
        assertThat(violated(PlantedBug.NOTHING_HEALED, Load.ofHonest(10), only(SoakFault.CRASHED, 30)))
                .isNotEmpty()
                .containsOnly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void lostRevocationsThatAreNotRepeatedComeBackToLife() throws Exception {
        Load load = new Load(24, 0, 300, 2, FORGOTTEN_AFTER, false);

        assertThat(violated(PlantedBug.REVOCATIONS_NOT_REPEATED, load, only(SoakFault.CRASHED, 4)))
                .isNotEmpty()
                .containsOnly(Rule.ACCEPTED_AFTER_ITS_END);
    }
}
