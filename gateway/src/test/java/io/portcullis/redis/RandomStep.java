package io.portcullis.redis;

import io.portcullis.session.AdoptedToken;
import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.LostSession;
import io.portcullis.session.Opening;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.ReferenceSessionStore;
import io.portcullis.session.ReuseAction;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Makes up calls about a few sessions that nobody used before: mostly the likely ones, with generations and attempts
 * that were answered lately, sometimes any.
 */
final class RandomStep {

    /** One call, to be made on several stores. */
    interface Call {
        Mono<?> on(SessionStore store);

        /** Without the times that a store tells nowhere else, so that the reference cannot know them. */
        static SessionState timeless(SessionState s) {
            Tombstone t = s.tombstone();
            Tombstone tombstone = t == null ? null : new Tombstone(t.reason(), Instant.EPOCH, t.presented());
            return new SessionState(
                    s.id(),
                    s.realm(),
                    s.subject(),
                    s.generation(),
                    s.openedAt(),
                    s.rotatedAt(),
                    s.end(),
                    tombstone,
                    Instant.EPOCH);
        }

        /** Whether later answers depend on the time of this call, which no answer tells. */
        default boolean leavesTheTime() {
            return false;
        }

        /** Whether the answer depends on the time although it does not tell it. */
        default boolean needsTheTime() {
            return false;
        }
    }

    private record Open(Opening opening) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.open(opening);
        }
    }

    private record Rotate(Rotation rotation) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.rotate(rotation);
        }

        @Override
        public boolean needsTheTime() {
            return rotation.policy().equals(OVER_AT_ONCE);
        }
    }

    private record Mark(SessionRef session, long generation, AttemptId attempt) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.markUndelivered(session, generation, attempt);
        }
    }

    private record Revoke(SessionRef session, RevocationReason reason, AttemptId attempt) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.revoke(session, reason, attempt);
        }
    }

    private record RevokeById(SessionId session, AttemptId attempt) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.revoke(session, RevocationReason.ADMIN, attempt);
        }
    }

    private record RevokeAll(SubjectRef subject, AttemptId attempt, Duration ago) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.revokeAll(subject, RevocationReason.SUBJECT, Policies.strict(), attempt, ago)
                    .map(ended -> List.of(Set.copyOf(ended.now()), Set.copyOf(ended.before())));
        }

        @Override
        public boolean leavesTheTime() {
            return true;
        }
    }

    private record ChangeClaims(SubjectRef subject, Map<String, String> claims) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.changeClaims(subject, claims, Policies.strict());
        }

        @Override
        public boolean leavesTheTime() {
            return true;
        }
    }

    private record Find(SessionId session) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.find(session)
                    .map(lookup -> lookup instanceof Found found ? new Found(Call.timeless(found.session())) : lookup);
        }
    }

    private record ListAll(SubjectRef subject) implements Call {
        @Override
        public Mono<?> on(SessionStore store) {
            return store.list(subject)
                    .map(sessions -> sessions.stream().map(Call::timeless).toList());
        }
    }

    private static final RealmPolicy OVER_AT_ONCE = Policies.lasting(Duration.ofMillis(1), Policies.ABSOLUTE);
    private static final Instant TOKEN_EXPIRES =
            Instant.now().plus(Duration.ofDays(2)).plusMillis(1);
    /** Issued before a walk, after it, and who knows when. */
    private static final List<AdoptedToken> BACKEND_TOKENS = List.of(
            new AdoptedToken(TOKEN_EXPIRES, Instant.now().minusSeconds(60)),
            new AdoptedToken(TOKEN_EXPIRES, Instant.now().plus(Duration.ofDays(1))),
            new AdoptedToken(TOKEN_EXPIRES, null));

    private static final Instant STARTED = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    /** By a token from before a walk and by those from after it, the last of a session that has reached its absolute end. */
    private static final List<LostSession> LOST = List.of(
            new LostSession(STARTED.minusSeconds(90), STARTED.minusSeconds(60)),
            new LostSession(STARTED.minusSeconds(90), STARTED.plus(Duration.ofDays(1))),
            new LostSession(STARTED.minus(Policies.ABSOLUTE), STARTED.plus(Duration.ofDays(1))));

    /** What was asked for now, and what before a walk, when there were sessions that are opened again if they are lost. */
    private static final List<Duration> AGO = List.of(Duration.ZERO, Duration.ofSeconds(70));

    private final Random random;
    private final List<SessionRef> sessions = new ArrayList<>();
    private final List<AttemptId> attempts = List.of(AttemptId.random(), AttemptId.random(), AttemptId.random());
    private final Map<SessionId, Long> newest = new HashMap<>();
    private final Map<SessionId, AttemptId> lastAttempt = new HashMap<>();
    private Call last;

    RandomStep(Random random) {
        this.random = random;
        // of its own: what an earlier walk left must not be listed
        String subject = AttemptId.random().value();
        for (int i = 0; i < 3; i++) {
            LiveSession session = LiveSession.of(subject, new ReferenceSessionStore(Instant::now));
            sessions.addAll(List.of(session.ref(), session.ref(), session.ref()));
            sessions.add(session.inAnotherRealm().ref());
            sessions.add(session.ofAStranger().ref());
        }
    }

    Call next() {
        SessionRef session = pick(sessions);
        last = switch (random.nextInt(25)) {
            case 0, 1 -> new Open(new Opening(session, policy(), null));
            case 2, 3, 4 -> new Mark(session, generation(session), lastAttempt(session));
            case 5 -> random.nextBoolean() ? revoke(session) : new Mark(session, random.nextInt(4), pick(attempts));
            case 6 ->
                new Rotate(new Rotation(session, random.nextInt(6), pick(attempts), anyPolicy(), pick(BACKEND_TOKENS)));
            case 7 -> new Rotate(new Rotation(session, random.nextInt(6), pick(attempts), anyPolicy(), null));
            case 8 -> new Rotate(new Rotation(session, generation(session) + 1, attempt(session), policy(), null));
            case 9, 10, 11, 12 ->
                new Rotate(
                        new Rotation(session, Math.max(0, generation(session) - 1), attempt(session), policy(), null));
            case 20 -> new Find(session.id());
            case 21 -> new ListAll(subjectOf(session));
            case 22 ->
                random.nextInt(5) == 0
                        ? new RevokeAll(subjectOf(session), pick(attempts), pick(AGO))
                        : new RevokeById(session.id(), pick(attempts));
            case 23 ->
                new ChangeClaims(
                        subjectOf(session), Map.of(pick(List.of("role", "plan")), pick(List.of("1.50", "null"))));
            case 24 ->
                new Rotate(new Rotation(session, random.nextInt(4), pick(attempts), anyPolicy(), null, pick(LOST)));
            default -> new Rotate(new Rotation(session, generation(session), attempt(session), policy(), null));
        };
        return last;
    }

    void learn(Object answer) {
        if (answer instanceof Granted granted && last instanceof Rotate rotate) {
            newest.put(rotate.rotation().session().id(), granted.successor().generation());
            lastAttempt.put(rotate.rotation().session().id(), rotate.rotation().attempt());
        }
    }

    private static SubjectRef subjectOf(SessionRef session) {
        return new SubjectRef(session.realm(), session.subject());
    }

    private Call revoke(SessionRef session) {
        return new Revoke(
                session, random.nextBoolean() ? RevocationReason.LOGOUT : RevocationReason.REUSE, pick(attempts));
    }

    private long generation(SessionRef session) {
        return newest.getOrDefault(session.id(), 0L);
    }

    private AttemptId lastAttempt(SessionRef session) {
        return lastAttempt.getOrDefault(session.id(), attempts.get(0));
    }

    private AttemptId attempt(SessionRef session) {
        return random.nextInt(3) == 0 ? lastAttempt(session) : pick(attempts);
    }

    private RealmPolicy anyPolicy() {
        return random.nextInt(4) == 0 ? OVER_AT_ONCE : policy();
    }

    /** Reuse ends a walk's session, so it is rare enough for long ones. */
    private RealmPolicy policy() {
        Duration grace = random.nextBoolean() ? Duration.ZERO : Duration.ofHours(1);
        RealmPolicy policy = Policies.of(grace, random.nextInt(3) == 0 ? ReuseAction.REVOKE : ReuseAction.REPORT);
        return random.nextInt(3) == 0 ? Policies.limited(policy, 1 + random.nextInt(2)) : policy;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
