package io.portcullis.soak;

import io.portcullis.soak.SoakChecker.Verdict;
import io.portcullis.soak.StoreWitness.Answered;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What happened in a run, for whoever reads its output. */
record SoakSummary(SoakRun run, Verdict verdict) {
    private static final int STORIES_TOLD = 5;
    private static final Duration TOLD_BEFORE = Duration.ofSeconds(12);
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

    /** What led to the violations, by milliseconds before the last of it: for whoever looks for the reason. */
    String stories() {
        return verdict.violations().stream()
                .limit(STORIES_TOLD)
                .map(violation -> violation.rule() + "\n"
                        + Stream.concat(operationsBefore(violation.operation()), troublesBefore(violation.operation()))
                                .sorted(Comparator.comparingLong(Line::at))
                                .map(line -> "  %8.1f ms  %s"
                                        .formatted(
                                                (line.at()
                                                                - violation
                                                                        .operation()
                                                                        .answered())
                                                        / 1e6,
                                                line.text()))
                                .collect(Collectors.joining("\n")))
                .collect(Collectors.joining("\n"));
    }

    private record Line(long at, String text) {}

    private Stream<Line> operationsBefore(Operation last) {
        return run.operations().stream()
                .filter(one -> one.session().equals(last.session())
                        || one.session().isEmpty() && one.subject().equals(last.subject()))
                .filter(one ->
                        one.answered() > last.answered() - TOLD_BEFORE.toNanos() && one.asked() <= last.answered())
                .flatMap(one -> Stream.concat(
                        Stream.of(new Line(
                                one.asked(),
                                "%s %s at %d, generation %d: %d after %.1f ms %s"
                                        .formatted(
                                                one.actor(),
                                                one.kind(),
                                                one.replica(),
                                                one.generation(),
                                                one.status(),
                                                (one.answered() - one.asked()) / 1e6,
                                                one.note()))),
                        storeAnswer(one)));
    }

    private Stream<Line> storeAnswer(Operation one) {
        Answered answered = one.kind() == Operation.Kind.REFRESH
                ? run.world().witness(one.replica()).lastAnswer(one.session(), one.generation())
                : null;
        return answered == null
                ? Stream.empty()
                : Stream.of(new Line(
                        answered.at(),
                        "store at %d, generation %d: %s"
                                .formatted(one.replica(), one.generation(), answered.outcome())));
    }

    private Stream<Line> troublesBefore(Operation last) {
        Troubles troubles = run.faults().troubles();
        return Stream.concat(
                        troubles.disturbances().stream()
                                .map(one -> new Line(
                                        one.from(),
                                        "trouble of %d for %.1f ms"
                                                .formatted(one.replica(), (one.until() - one.from()) / 1e6))),
                        troubles.losses().stream()
                                .map(loss -> new Line(
                                        loss.killed(),
                                        "lost what was written in %.1f ms"
                                                .formatted((loss.killed() - loss.keptUntil()) / 1e6))))
                .filter(line -> line.at() > last.answered() - TOLD_BEFORE.toNanos() && line.at() <= last.answered());
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
