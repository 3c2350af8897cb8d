package io.portcullis.session;

import io.portcullis.session.ReferenceSessionStore.Family;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How all sessions of subjects ended at once, of a {@link ReferenceSessionStore}. */
final class ReferenceEndings {
    /** The last time, and which of the sessions had not ended before. */
    private record Ending(Tombstone tombstone, AttemptId attempt, Set<SessionId> sessions) {}

    private final Map<Family, Ending> last = new HashMap<>();
    private final Set<SessionId> endedTogether = new HashSet<>();

    /**
     * Ends those sessions, unless the same attempt did so.
     *
     * @param asked when that was asked for
     * @param isBuried whether a session ended by itself
     * @param isOld whether it was there then
     */
    EndedSessions end(
            Family family,
            RevocationReason reason,
            AttemptId attempt,
            Instant asked,
            List<SessionId> sessions,
            Predicate<SessionId> isBuried,
            Predicate<SessionId> isOld) {
        Predicate<SessionId> hasEnded = isBuried.or(endedTogether::contains);
        Ending ending = last.get(family);
        if (ending == null || !ending.attempt().equals(attempt)) {
            Set<SessionId> ended =
                    sessions.stream().filter(hasEnded.negate().and(isOld)).collect(Collectors.toSet());
            endedTogether.addAll(ended);
            Ending next = new Ending(new Tombstone(reason, asked, 0), attempt, ended);
            // one that was asked for later has ended the same ones, and more
            if (ending == null || asked.isAfter(ending.tombstone().at())) {
                last.put(family, next);
            }
            ending = next;
        }
        Set<SessionId> ended = ending.sessions();
        return new EndedSessions(
                sessions.stream().filter(ended::contains).toList(),
                sessions.stream()
                        .filter(hasEnded)
                        .filter(id -> !ended.contains(id))
                        .toList());
    }

    /** Whether that attempt is the last that ended all. */
    boolean isLast(Family family, AttemptId attempt) {
        Ending ending = last.get(family);
        return ending != null && ending.attempt().equals(attempt);
    }

    @Nullable
    Tombstone of(Family family) {
        Ending ending = last.get(family);
        return ending == null ? null : ending.tombstone();
    }
}
