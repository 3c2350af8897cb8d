package io.portcullis.session;

import io.portcullis.session.History.Ended;
import io.portcullis.session.History.Event;
import io.portcullis.session.History.Marked;
import io.portcullis.session.History.MarkedInVain;
import io.portcullis.session.History.Opened;
import io.portcullis.session.History.Operation;
import io.portcullis.session.History.Presented;
import io.portcullis.session.History.PresentedInVain;
import io.portcullis.session.History.Unanswered;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Recognised;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a {@link History} is linearizable (Herlihy and Wing, 1990): is there an order of its operations, consistent
 * with what was answered before something else was asked, in which {@link RotationRules} explain every answer? The search
 * is that of Wing and Gong (1993), which tries every operation that may have been next, and remembers what it tried
 * (Lowe, 2017).
 *
 * <p>Time: an answer that made a token says when; any other is judged at the moment of the last rotation, so grace is
 * either zero or longer than the history, and nothing expires. A token that was handed out twice must be the same to the
 * millisecond: two tokens of one generation would be two live leaves.
 */
public final class HistoryChecker {
    /** What is known of the session at some point of an order; null before it was opened. */
    private record State(@Nullable SessionRecord session) {}

    private record Visited(BitSet done, State state) {}

    private final List<Operation> operations;
    private final List<Operation> unanswered;
    private final Map<Long, Set<Instant>> made = new HashMap<>();
    private final Set<Visited> visited = new HashSet<>();

    private HistoryChecker(List<Operation> operations) {
        this.operations = operations.stream()
                .filter(operation -> !(operation.event() instanceof Unanswered))
                .toList();
        this.unanswered = operations.stream()
                .filter(operation -> operation.event() instanceof Unanswered)
                .toList();
        for (Operation operation : this.operations) {
            if (operation.event() instanceof Presented presented && presented.answer() instanceof Granted granted) {
                Successor token = granted.successor();
                made.computeIfAbsent(token.generation(), generation -> new HashSet<>())
                        .add(token.issuedAt());
            }
        }
    }

    /** @param operations one session's, from before it was opened, by the time of asking */
    public static boolean isExplained(List<Operation> operations) {
        return new HistoryChecker(operations).isExplained(new BitSet(), new State(null));
    }

    private boolean isExplained(BitSet alreadyDone, State state) {
        BitSet done = (BitSet) alreadyDone.clone();
        takeReads(done, state);
        if (done.cardinality() == operations.size()) {
            return true;
        }
        if (!visited.add(new Visited((BitSet) done.clone(), state))) {
            return false;
        }
        for (int i : next(done)) {
            Optional<State> after = after(operations.get(i).event(), state);
            if (after.isPresent()) {
                done.set(i);
                if (isExplained(done, after.get())) {
                    return true;
                }
                done.clear(i);
            }
        }
        return isExplainedByAnUnanswered(done, state);
    }

    /** Carried out a second time they change nothing, or what they could have changed the first time. */
    private boolean isExplainedByAnUnanswered(BitSet done, State state) {
        long firstAnswer = firstAnswer(done);
        return unanswered.stream()
                .takeWhile(operation -> operation.asked() < firstAnswer)
                .map(operation -> (Unanswered) operation.event())
                .distinct()
                .flatMap(event -> afterUnanswered(event, state).stream())
                .filter(after -> !after.equals(state))
                .anyMatch(after -> isExplained(done, after));
    }

    /** An operation that wrote nothing may as well have happened as soon as it is explained: no need to try it later. */
    private void takeReads(BitSet done, State state) {
        boolean found = true;
        while (found) {
            found = false;
            for (int i : next(done)) {
                Event event = operations.get(i).event();
                if (isRead(event) && after(event, state).isPresent()) {
                    done.set(i);
                    found = true;
                }
            }
        }
    }

    /** Whether the answer, wherever in an order it was given, says that nothing was written. */
    private static boolean isRead(Event event) {
        if (event instanceof Presented presented) {
            RotationOutcome answer = presented.answer();
            // a repeated one too may have been the delivery of what was marked undelivered
            return !(answer instanceof Reused) && !(answer instanceof Rotated);
        }
        return event instanceof Marked marked && !marked.answer()
                || event instanceof Ended ended && ended.answer() != Revocation.REVOKED;
    }

    private static boolean madeAToken(RotationOutcome answer) {
        return answer instanceof Rotated rotated
                && rotated.cause() != RotationCause.REPEATED_ATTEMPT
                && rotated.cause() != RotationCause.UNDELIVERED;
    }

    /** The operations that may have been next: those asked before any that is left was answered. */
    private int[] next(BitSet done) {
        long firstAnswer = firstAnswer(done);
        BitSet next = new BitSet();
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
            if (operations.get(i).asked() < firstAnswer) {
                next.set(i);
            }
        }
        return next.stream().toArray();
    }

    private long firstAnswer(BitSet done) {
        long firstAnswer = Long.MAX_VALUE;
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
            firstAnswer = Math.min(firstAnswer, operations.get(i).answered());
        }
        return firstAnswer;
    }

    /** What may be known after that event: when a token was made that nobody was answered, a later answer may tell. */
    private List<State> afterUnanswered(Unanswered event, State state) {
        SessionRecord known = state.session();
        if (known == null) {
            return List.of();
        }
        if (event instanceof MarkedInVain marked) {
            return RecordAnswers.isNewest(known, marked.generation(), marked.attempt())
                    ? List.of(new State(known.markedUndelivered()))
                    : List.of();
        }
        Rotation rotation = ((PresentedInVain) event).rotation();
        return made.getOrDefault(rotation.presented() + 1, Set.of(known.rotatedAt())).stream()
                .map(time ->
                        new State(RotationRules.decide(known, rotation, time).next()))
                .toList();
    }

    /** What is known after that event, or nothing if the rules would have answered otherwise. */
    private static Optional<State> after(Event event, State state) {
        if (event instanceof Presented presented) {
            return afterRotation(presented, state.session());
        }
        if (event instanceof Marked marked) {
            return afterMark(marked, state.session());
        }
        if (event instanceof Ended ended) {
            return afterRevocation(ended, state.session());
        }
        return afterOpening((Opened) event, state.session());
    }

    private static Optional<State> afterOpening(Opened opened, @Nullable SessionRecord known) {
        Opening opening = opened.opening();
        SessionRecord next =
                known == null ? SessionRecord.opened(opening, opened.answer().issuedAt()) : known;
        Instant openedAt = next.end().minus(opening.policy().absoluteLifetime());
        return when(opened.answer().equals(RecordAnswers.firstToken(next, openedAt, opening.policy())), next);
    }

    private static Optional<State> afterRotation(Presented presented, @Nullable SessionRecord known) {
        RotationRules.Decision decision =
                RotationRules.decide(known, presented.rotation(), timeOf(presented.answer(), known));
        return when(decision.outcome().equals(presented.answer()), decision.next());
    }

    private static Instant timeOf(RotationOutcome answer, @Nullable SessionRecord known) {
        if (madeAToken(answer)) {
            return ((Rotated) answer).successor().issuedAt();
        }
        if (answer instanceof Recognised recognised) {
            return recognised.reuse().reusedAt();
        }
        return known == null ? Instant.EPOCH : known.rotatedAt();
    }

    private static Optional<State> afterMark(Marked marked, @Nullable SessionRecord known) {
        boolean noted = RecordAnswers.isNewest(known, marked.generation(), marked.attempt());
        return when(noted == marked.answer(), noted ? known.markedUndelivered() : known);
    }

    private static Optional<State> afterRevocation(Ended ended, @Nullable SessionRecord known) {
        Revocation revocation = RecordAnswers.revocationOf(known, ended.reason(), ended.attempt());
        return when(
                revocation == ended.answer(),
                revocation == Revocation.REVOKED ? known.revoked(ended.reason(), ended.attempt()) : known);
    }

    private static Optional<State> when(boolean explained, @Nullable SessionRecord next) {
        return explained ? Optional.of(new State(next)) : Optional.empty();
    }
}
