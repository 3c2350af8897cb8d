package io.portcullis.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Inputs that nobody thought of, for one target: those that are kept, and new ones made of them. {@code
 * -Dportcullis.fuzz.cases} says how many; {@link JazzerRun} makes them by what they reach in the code.
 */
public abstract class FuzzContract {
    /** Always the same, so that a build fails by what was changed in it and not by luck. */
    private static final long SEED = Long.getLong("portcullis.seed", 1);

    private static final long CASES = Long.getLong("portcullis.fuzz.cases", 15_000);

    private final String target;
    private final Consumer<byte[]> check;
    private final FuzzCases cases;

    /**
     * A target.
     *
     * @param target its folder under {@code src/test/resources/fuzz/}
     * @param check throws whatever it likes where an input breaks something
     */
    protected FuzzContract(String target, Consumer<byte[]> check) {
        this.target = target;
        this.check = check;
        this.cases = new FuzzCases(target);
    }

    @TestFactory
    Stream<DynamicTest> whatWasFoundStaysMended() {
        return cases.findings().stream()
                .map(finding -> DynamicTest.dynamicTest(finding.name(), () -> check.accept(finding.input())));
    }

    @Test
    void keptInputsHold() {
        for (byte[] input : cases.all()) {
            hold(input, "kept");
        }
    }

    @Test
    void newInputsHold() {
        List<byte[]> kept = cases.all();
        Mutator mutator = new Mutator(kept, cases.dictionary());
        long start = System.nanoTime();

        for (long number = 0; number < CASES; number++) {
            byte[] input = mutator.next(new SplittableRandom(SEED * 0x9E3779B97F4A7C15L + number));
            hold(input, "seed " + SEED + ", case " + number);
        }

        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("fuzz %s: %d cases of %d kept, seed %d, %.1f s%n", target, CASES, kept.size(), SEED, seconds);
    }

    /** Otherwise an oracle that looks at nothing would pass. */
    @Test
    void seedsReachEveryAnswer() {
        assertThat(cases.seeds().stream().map(this::answer).distinct()).containsExactlyInAnyOrderElementsOf(answers());
    }

    /** What the product makes of an input, in one word. */
    protected abstract String answer(byte[] input);

    /** All such words. */
    protected abstract List<String> answers();

    private void hold(byte[] input, String which) {
        try {
            check.accept(input);
        } catch (Throwable e) {
            // an oracle's AssertionError too, and an Error of the product's: each needs its input told
            throw new AssertionError(
                    target + ", " + which + ": put this into " + FuzzCases.source(target, "findings.txt")
                            + ", with a name, a colon and a blank in front\n" + FuzzCases.escape(input),
                    e);
        }
    }
}
