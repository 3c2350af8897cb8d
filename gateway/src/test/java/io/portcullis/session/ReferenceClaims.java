package io.portcullis.session;

import io.portcullis.session.ReferenceSessionStore.Family;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The claims of a {@link ReferenceSessionStore} that operators changed. */
final class ReferenceClaims {
    /** A claim that an operator changed. */
    private record Changed(Instant at, String value) {}

    private final Map<Family, Map<String, Changed>> claims = new HashMap<>();
    /** By session: what the newest token has that the one before has not, and when the last change was made that it has. */
    private final Map<SessionId, ChangedClaims> changed = new HashMap<>();

    private final Map<SessionId, Instant> has = new HashMap<>();

    ClaimsChange change(Family family, Map<String, String> changes, Instant now) {
        Map<String, Changed> noted = claims.computeIfAbsent(family, none -> new LinkedHashMap<>());
        Set<String> names = new HashSet<>(noted.keySet());
        names.addAll(changes.keySet());
        if (names.size() > SessionStore.CHANGED_CLAIMS_MAX) {
            return new ClaimsChange.TooMany();
        }
        int bytes = names.stream()
                .mapToInt(name -> name.length()
                        + (changes.containsKey(name)
                                        ? changes.get(name)
                                        : noted.get(name).value())
                                .length())
                .sum();
        if (bytes > SessionStore.CHANGED_CLAIMS_BYTES_MAX) {
            return new ClaimsChange.TooMany();
        }
        Instant at = Stream.concat(
                        noted.values().stream().map(earlier -> earlier.at().plusMillis(1)), Stream.of(now))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        changes.forEach((name, value) -> noted.put(name, new Changed(at, value)));
        return new ClaimsChange.Changed(at);
    }

    /**
     * The outcome with the claims that its token has and the presented one has not.
     *
     * @param openedAt null if the session was adopted now
     * @param ended the sessions that ended so that there was room for this one
     */
    RotationOutcome added(
            RotationOutcome outcome, SessionRef session, @Nullable Instant openedAt, List<SessionId> ended) {
        SessionId id = session.id();
        Family family = Family.of(session);
        Instant beforeOpening = openedAt == null ? Instant.MIN : openedAt.minusMillis(1);
        if (outcome instanceof Rotated rotated) {
            if (rotated.cause() != RotationCause.REPEATED_ATTEMPT && rotated.cause() != RotationCause.UNDELIVERED) {
                changed.put(id, changesAfter(family, has.getOrDefault(id, beforeOpening)));
                if (!changed.get(id).equals(ChangedClaims.NONE)) {
                    has.put(id, lastChange(family));
                }
            }
            return new Rotated(with(rotated.successor(), changed.get(id), ended), rotated.cause());
        }
        if (outcome instanceof Replayed replayed) {
            return new Replayed(with(replayed.successor(), changed.get(id), ended));
        }
        if (outcome instanceof Reported reported) {
            boolean parent = reported.presented() == reported.successor().generation() - 1;
            ChangedClaims changes = parent ? changed.get(id) : changesAfter(family, beforeOpening);
            Successor successor = with(reported.successor(), changes, parent ? ended : List.of());
            return new Reported(successor, reported.presented(), reported.reusedAt());
        }
        return outcome;
    }

    private ChangedClaims changesAfter(Family family, Instant after) {
        String json = claims.getOrDefault(family, Map.of()).entrySet().stream()
                .filter(claim -> claim.getValue().at().isAfter(after))
                .map(claim -> '"' + claim.getKey() + "\":" + claim.getValue().value())
                .collect(Collectors.joining(","));
        return json.isEmpty() ? ChangedClaims.NONE : new ChangedClaims("{" + json + "}");
    }

    private Instant lastChange(Family family) {
        return claims.get(family).values().stream()
                .map(Changed::at)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Successor with(Successor successor, ChangedClaims changes, List<SessionId> ended) {
        return new Successor(successor.generation(), successor.issuedAt(), successor.expiresAt(), changes, ended);
    }
}
