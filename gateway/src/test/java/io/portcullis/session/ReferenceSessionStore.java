package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** {@link RotationRules} over a map, one caller at a time: what every other store is compared with. Forgets nothing. */
public final class ReferenceSessionStore implements SessionStore {
    /** A claim until its lease is over; for good once something is sealed. */
    private record Adoption(
            AttemptId by, Instant leaseEnd, @Nullable String sealed) {}

    private final InstantSource clock;
    /** By id alone: a token of another realm or subject must meet the session, not miss it. */
    private final Map<SessionId, SessionRecord> records = new HashMap<>();

    private final Map<SessionId, Instant> openings = new HashMap<>();
    private final Map<SubjectRef, Map<SessionId, Instant>> ends = new HashMap<>();
    private final Map<SubjectRef, Instant> ended = new HashMap<>();
    private final Map<TokenHash, Adoption> adoptions = new HashMap<>();

    public ReferenceSessionStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        return Mono.fromCallable(() -> opened(opening));
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        return Mono.fromCallable(() -> rotated(rotation));
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return Mono.fromCallable(() -> marked(session, generation, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason) {
        return Mono.fromCallable(() -> revoked(session, reason));
    }

    @Override
    public Mono<List<SessionId>> revokeAll(SubjectRef subject, RealmPolicy policy) {
        return Mono.fromCallable(() -> allRevoked(subject));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return Mono.fromCallable(() -> claimed(token, claimant, lease));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return Mono.fromCallable(() -> completed(token, claimant, sealed));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return Mono.fromCallable(() -> givenBack(token, claimant));
    }

    private @Nullable Adoption adoption(TokenHash token) {
        adoptions.computeIfPresent(
                token,
                (id, known) -> known.sealed() != null || clock.instant().isBefore(known.leaseEnd()) ? known : null);
        return adoptions.get(token);
    }

    private synchronized AdoptionClaim claimed(TokenHash token, AttemptId claimant, Duration lease) {
        Adoption known = adoption(token);
        if (known != null && known.sealed() != null) {
            return new AdoptionClaim.Adopted(known.sealed());
        }
        if (known != null && !known.by().equals(claimant)) {
            return new AdoptionClaim.Busy();
        }
        adoptions.put(token, new Adoption(claimant, clock.instant().plus(lease), null));
        return new AdoptionClaim.Claimed();
    }

    private synchronized boolean completed(TokenHash token, AttemptId claimant, String sealed) {
        Adoption known = adoption(token);
        boolean kept = known == null || known.by().equals(claimant);
        if (kept) {
            adoptions.put(token, new Adoption(claimant, Instant.MAX, sealed));
        }
        return kept;
    }

    private synchronized boolean givenBack(TokenHash token, AttemptId claimant) {
        Adoption known = adoption(token);
        boolean given = known != null && known.by().equals(claimant) && known.sealed() == null;
        if (given) {
            adoptions.remove(token);
        }
        return given;
    }

    private synchronized List<SessionId> allRevoked(SubjectRef subject) {
        Instant now = clock.instant();
        ended.put(subject, now);
        Map<SessionId, Instant> sessions = ends.remove(subject);
        return sessions == null
                ? List.of()
                : sessions.entrySet().stream()
                        .filter(session -> session.getValue().isAfter(now))
                        .map(Map.Entry::getKey)
                        .toList();
    }

    private void index(SessionRef session, SessionRecord opened) {
        ends.computeIfAbsent(new SubjectRef(session.realm(), session.subject()), subject -> new HashMap<>())
                .put(session.id(), opened.end());
    }

    private synchronized Successor opened(Opening opening) {
        SessionId key = opening.session().id();
        SessionRecord known = records.get(key);
        if (known == null) {
            known = SessionRecord.opened(opening, clock.instant());
            records.put(key, known);
            openings.put(key, known.rotatedAt());
            index(opening.session(), known);
        }
        return firstToken(known, openings.get(key), opening.policy());
    }

    private synchronized RotationOutcome rotated(Rotation rotation) {
        SessionId key = rotation.session().id();
        SessionRecord known = records.get(key);
        SessionRef session = rotation.session();
        Instant subjectEnded = ended.get(new SubjectRef(session.realm(), session.subject()));
        RotationRules.Decision decision = RotationRules.decide(known, subjectEnded, rotation, clock.instant());
        if (decision.next() != null) {
            if (known == null) {
                index(session, decision.next());
            }
            records.put(key, decision.next());
            openings.putIfAbsent(key, decision.next().rotatedAt());
        }
        return decision.outcome();
    }

    private synchronized boolean marked(SessionRef session, long generation, AttemptId attempt) {
        SessionRecord known = records.get(session.id());
        boolean noted = isNewest(known, generation, attempt);
        if (noted) {
            records.put(session.id(), known.markedUndelivered());
        }
        return noted;
    }

    private synchronized Revocation revoked(SessionRef session, RevocationReason reason) {
        SessionRecord known = records.get(session.id());
        Revocation revocation = revocationOf(known, session);
        if (revocation == Revocation.REVOKED) {
            records.put(session.id(), known.revoked(reason));
        }
        return revocation;
    }

    /** What a session's opening answers, however much later it is asked again. */
    public static Successor firstToken(SessionRecord known, Instant openedAt, RealmPolicy policy) {
        Instant idleEnd = openedAt.plus(policy.idleLifetime());
        return new Successor(0, openedAt, idleEnd.isBefore(known.end()) ? idleEnd : known.end());
    }

    /** Whether the answer to that attempt is still the last thing that happened to the session. */
    public static boolean isNewest(@Nullable SessionRecord known, long generation, AttemptId attempt) {
        return known != null
                && known.revoked() == null
                && known.generation() == generation
                && attempt.equals(known.rotatedBy());
    }

    /** What a request to revoke that session is answered. */
    public static Revocation revocationOf(@Nullable SessionRecord known, SessionRef session) {
        if (known == null || !known.isOf(session)) {
            return Revocation.UNKNOWN;
        }
        return known.revoked() == null ? Revocation.REVOKED : Revocation.ALREADY_REVOKED;
    }
}
