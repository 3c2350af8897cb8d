package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** {@link RotationRules} over a map, one caller at a time: what every other store is compared with. Forgets nothing. */
public final class ReferenceSessionStore implements SessionStore {
    /** All that is kept of a subject's sessions in a realm. */
    record Family(String realm, SubjectHash subject) {
        static Family of(SessionRef session) {
            return new Family(session.realm(), session.subjectHash());
        }
    }

    private final InstantSource clock;
    /** By id alone: a token of another realm or subject must meet the session, not miss it. */
    private final Map<SessionId, SessionRecord> records = new HashMap<>();

    private final Map<SessionId, Instant> openings = new HashMap<>();
    private final Map<SessionId, Tombstone> tombstones = new HashMap<>();
    private final ReferenceEndings endings = new ReferenceEndings();
    /** By session, as long as its first token is the newest: those that made room for it. */
    private final Map<SessionId, List<SessionId>> room = new HashMap<>();

    private final ReferenceClaims claims = new ReferenceClaims();
    private final ReferenceAdoptions adoptions;

    public ReferenceSessionStore(InstantSource clock) {
        this.clock = clock;
        this.adoptions = new ReferenceAdoptions(clock);
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
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return Mono.fromCallable(() -> revoked(session, reason, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        return Mono.fromCallable(() -> revoked(session, reason, attempt));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return Mono.fromCallable(() -> adoptions.claimed(token, claimant, lease));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return Mono.fromCallable(() -> adoptions.completed(token, claimant, sealed));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return Mono.fromCallable(() -> adoptions.givenBack(token, claimant));
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return Mono.fromCallable(
                () -> allRevoked(new Family(subject.realm(), subject.subjectHash()), reason, attempt, ago));
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> changes, RealmPolicy policy) {
        return Mono.fromCallable(() -> changed(new Family(subject.realm(), subject.subjectHash()), changes));
    }

    private synchronized ClaimsChange changed(Family family, Map<String, String> changes) {
        return claims.change(family, changes, clock.instant());
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return Mono.fromCallable(() -> found(session));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return Mono.fromCallable(() -> listed(new Family(subject.realm(), subject.subjectHash())));
    }

    private synchronized EndedSessions allRevoked(
            Family family, RevocationReason reason, AttemptId attempt, Duration ago) {
        Instant asked = clock.instant().minus(ago);
        boolean isFirst = !endings.isLast(family, attempt);
        EndedSessions ended = endings.end(
                family,
                reason,
                attempt,
                asked,
                sessionsOf(family).toList(),
                tombstones::containsKey,
                id -> ago.isZero()
                        || records.get(id).keepUntil() != null
                        || !openings.get(id).isAfter(asked));
        if (!ago.isZero() && isFirst) {
            // the end of all does not tell of those that were rotated in between
            ended.now().stream().filter(id -> !tombstones.containsKey(id)).forEach(id -> bury(id, reason, attempt));
        }
        return ended;
    }

    private synchronized SessionLookup found(SessionId id) {
        return records.containsKey(id)
                ? new SessionLookup.Found(state(id, clock.instant()))
                : new SessionLookup.Missing();
    }

    private synchronized List<SessionState> listed(Family family) {
        // as Redis does, whose script runs at one time
        Instant now = clock.instant();
        return sessionsOf(family)
                .map(id -> state(id, now))
                .sorted(Comparator.comparing(SessionState::openedAt)
                        .reversed()
                        .thenComparing(session -> session.id().value()))
                .toList();
    }

    /** Those that have not reached their absolute end, the oldest first. */
    private Stream<SessionId> sessionsOf(Family family) {
        return records.entrySet().stream()
                .filter(entry ->
                        new Family(entry.getValue().realm(), entry.getValue().subject()).equals(family))
                .filter(entry -> entry.getValue().end().isAfter(clock.instant()))
                .sorted(Comparator.comparing((Map.Entry<SessionId, SessionRecord> entry) ->
                                entry.getValue().end())
                        .thenComparing(entry -> entry.getKey().value()))
                .map(Map.Entry::getKey);
    }

    private SessionState state(SessionId id, Instant now) {
        SessionRecord known = records.get(id);
        Tombstone end = endings.of(new Family(known.realm(), known.subject()));
        Tombstone bySubject = end == null || known.rotatedAt().isAfter(end.at())
                ? null
                : new Tombstone(end.reason(), end.at(), known.generation());
        return new SessionState(
                id,
                known.realm(),
                known.subject(),
                known.generation(),
                openings.get(id),
                known.rotatedAt(),
                known.end(),
                tombstones.getOrDefault(id, bySubject),
                now);
    }

    private synchronized Successor opened(Opening opening) {
        SessionId id = opening.session().id();
        SessionRecord known = records.get(id);
        if (known == null) {
            room.put(id, makeRoom(opening.session(), opening.policy()));
            known = SessionRecord.opened(opening, clock.instant());
            records.put(id, known);
            openings.put(id, known.rotatedAt());
        }
        Successor first = RecordAnswers.firstToken(known, openings.get(id), opening.policy());
        return new Successor(0, first.issuedAt(), first.expiresAt(), ChangedClaims.NONE, madeRoomFor(id));
    }

    private List<SessionId> madeRoomFor(SessionId id) {
        return room.getOrDefault(id, List.of());
    }

    private List<SessionId> makeRoom(SessionRef session, RealmPolicy policy) {
        List<SessionId> live = sessionsOf(Family.of(session))
                .filter(id -> state(id, clock.instant()).isLive(policy))
                .toList();
        if (policy.maxSessions() == 0 || live.size() < policy.maxSessions()) {
            return List.of();
        }
        List<SessionId> oldest = live.subList(0, live.size() - policy.maxSessions() + 1);
        oldest.forEach(id -> bury(id, RevocationReason.LIMIT, null));
        return oldest;
    }

    private void bury(SessionId id, RevocationReason reason, @Nullable AttemptId attempt) {
        SessionRecord known = records.get(id);
        records.put(id, known.revoked(reason, attempt));
        tombstones.put(id, new Tombstone(reason, clock.instant(), known.generation()));
    }

    private synchronized RotationOutcome rotated(Rotation rotation) {
        SessionRef session = rotation.session();
        SessionRecord known = records.get(session.id());
        Tombstone end = endings.of(Family.of(session));
        RotationRules.Decision decision =
                RotationRules.decide(known, end == null ? null : end.at(), rotation, clock.instant());
        SessionRecord next = decision.next();
        if (next != null) {
            LostSession lost = rotation.lost();
            if (known == null && lost == null) {
                room.put(session.id(), makeRoom(session, rotation.policy()));
            } else if (known != null && next.generation() != known.generation()) {
                room.remove(session.id());
            }
            records.put(session.id(), next);
            openings.putIfAbsent(session.id(), lost == null ? next.rotatedAt() : lost.openedAt());
            if (next.revoked() != null) {
                tombstones.putIfAbsent(
                        session.id(), new Tombstone(next.revoked(), clock.instant(), rotation.presented()));
            }
        }
        Instant openedAt = known == null ? null : openings.get(session.id());
        return claims.added(decision.outcome(), session, openedAt, madeRoomFor(session.id()));
    }

    private synchronized boolean marked(SessionRef session, long generation, AttemptId attempt) {
        SessionRecord known = records.get(session.id());
        boolean noted = RecordAnswers.isNewest(known, generation, attempt);
        if (noted) {
            records.put(session.id(), known.markedUndelivered());
        }
        return noted;
    }

    private synchronized Revocation revoked(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return revoked(session.id(), reason, attempt);
    }

    private synchronized Revocation revoked(SessionId id, RevocationReason reason, AttemptId attempt) {
        SessionRecord known = records.get(id);
        if (known == null) {
            return Revocation.UNKNOWN;
        }
        if (RecordAnswers.isSameEnding(known, reason, attempt)) {
            return Revocation.REVOKED;
        }
        if (state(id, clock.instant()).tombstone() != null) {
            return Revocation.ALREADY_REVOKED;
        }
        bury(id, reason, attempt);
        return Revocation.REVOKED;
    }
}
