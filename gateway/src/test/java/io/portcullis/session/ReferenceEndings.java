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
     * @param isBuried whether a session ended by itself
     */
    EndedSessions end(
            Family family,
            RevocationReason reason,
            AttemptId attempt,
            Instant now,
            List<SessionId> sessions,
            Predicate<SessionId> isBuried) {
        Predicate<SessionId> hasEnded = isBuried.or(endedTogether::contains);
        Ending ending = last.get(family);
        if (ending == null || !ending.attempt().equals(attempt)) {
            Set<SessionId> ended = sessions.stream().filter(hasEnded.negate()).collect(Collectors.toSet());
            endedTogether.addAll(ended);
            ending = new Ending(new Tombstone(reason, now, 0), attempt, ended);
            last.put(family, ending);
        }
        Set<SessionId> ended = ending.sessions();
        return new EndedSessions(
                sessions.stream().filter(ended::contains).toList(),
                sessions.stream()
                        .filter(hasEnded)
                        .filter(id -> !ended.contains(id))
                        .toList());
    }

    @Nullable
    Tombstone of(Family family) {
        Ending ending = last.get(family);
        return ending == null ? null : ending.tombstone();
    }
}
