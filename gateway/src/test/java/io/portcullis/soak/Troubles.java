package io.portcullis.soak;

import java.util.List;
import java.util.function.Predicate;

/** What went wrong in a run, and when, by {@link System#nanoTime()}. */
record Troubles(List<Disturbance> disturbances, List<Loss> losses) {
    static final int ALL_REPLICAS = -1;

    /** Redis did not answer as it should; {@code replica} is the only one that noticed, or {@link #ALL_REPLICAS}. */
    record Disturbance(int replica, long from, long until) {
        boolean concerns(int which) {
            return replica == ALL_REPLICAS || replica == which;
        }
    }

    /**
     * Redis lost its last writes.
     *
     * @param sessions of which it did
     * @param keptUntil what had been answered by then was not lost
     * @param killed what was asked after that could not be lost
     */
    record Loss(Predicate<String> sessions, long keptUntil, long killed) {
        boolean mayHaveTaken(Operation write) {
            return write.answered() > keptUntil && write.asked() < killed;
        }

        /** Of two operations of one subject, either of which may be about all of its sessions; they are in one place. */
        boolean concerns(Operation one, Operation other) {
            return sessions.test(one.session().isEmpty() ? other.session() : one.session());
        }

        boolean isBefore(Operation reader) {
            return reader.answered() > killed;
        }
    }

    /** Whether Redis may have lost that operation before it answered the other one. */
    boolean mayHaveLost(Operation write, Operation before) {
        return losses.stream()
                .anyMatch(loss -> loss.concerns(write, before) && loss.mayHaveTaken(write) && loss.isBefore(before));
    }

    /** Whether Redis lost anything between the two. */
    boolean haveLostBetween(Operation earlier, Operation later) {
        return losses.stream()
                .anyMatch(loss ->
                        loss.concerns(earlier, later) && loss.killed() > earlier.asked() && loss.isBefore(later));
    }

    /** When the last trouble of that replica was over that began between the two times; the first of them if there was none. */
    long lastOver(int replica, long after, long before) {
        return disturbances.stream()
                .filter(trouble -> trouble.concerns(replica) && trouble.until() > after && trouble.from() < before)
                .mapToLong(Disturbance::until)
                .reduce(after, Math::max);
    }
}
