package io.portcullis.soak;

import io.portcullis.soak.SoakChecker.Verdict;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What happened in a run, for whoever reads its output. */
record SoakSummary(SoakRun run, Verdict verdict) {
    private static final List<String> OUTCOMES = List.of(
            "rotated", "repeated", "redelivered", "healed", "reused", "revoked", "expired", "unknown", "unavailable");

    /** How often each kind of request was answered how. */
    Map<String, Long> operations() {
        return run.operations().stream()
                .collect(Collectors.groupingBy(
                        operation -> operation.kind() + " " + operation.actor() + " " + operation.status()
                                + (operation.note() == Operation.Note.NONE ? "" : " " + operation.note()),
                        TreeMap::new,
                        Collectors.counting()));
    }

    long refreshes(String outcome) {
        return run.world().counted("portcullis.refreshes", "outcome", outcome);
    }

    long restored() {
        return run.world().counted("portcullis.revocation.restored", "", "");
    }

    @Override
    public String toString() {
        return Stream.of(
                        "operations: " + run.operations().size(),
                        operations().entrySet().stream()
                                .map(entry -> "  " + entry.getValue() + " " + entry.getKey())
                                .collect(Collectors.joining("\n")),
                        "faults: " + run.faults().made(),
                        "went away: " + run.leftInTime() + " before the answer, " + run.leftLate() + " perhaps not",
                        "refreshes by the meters: "
                                + OUTCOMES.stream()
                                        .map(outcome -> outcome + " " + refreshes(outcome))
                                        .collect(Collectors.joining(", ")),
                        "undelivered " + run.world().counted("portcullis.undelivered", "", "") + ", restored "
                                + restored() + ", turned away at the edge "
                                + run.world().counted("portcullis.revocation.refused", "", ""),
                        "tokens of ended sessions refused: " + verdict.turnedAway(),
                        "excused: " + verdict.excuses(),
                        "violations: " + verdict.violations().size())
                .collect(Collectors.joining("\n"));
    }
}
