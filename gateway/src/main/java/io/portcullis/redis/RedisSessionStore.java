package io.portcullis.redis;

import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.Opening;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Sessions in Redis: one script, one key and one round trip a call, on Redis' clock. What is stored says {@link StoredSession}. A
 * call that ends sessions is answered once they were announced to all replicas: a second step, since the announcements have a key
 * of their own.
 */
public final class RedisSessionStore implements SessionStore {
    private static final Script OPEN = Script.load(ReturnType.MULTI, "sessions", "make_room", "open_session");
    private static final Script MARK_UNDELIVERED = Script.load(ReturnType.MULTI, "sessions", "mark_undelivered");
    private static final Script REVOKE = Script.load(ReturnType.MULTI, "sessions", "revoke_session");
    private static final Script SHOW = Script.load(ReturnType.MULTI, "sessions", "shown", "show_session");

    private final StoreScripts scripts;
    private final RedisKeys keys;
    private final RedisRotations rotations;
    private final RedisSubjects subjects;
    private final RedisAdoptions adoptions;
    private final RevocationStream revocations;
    private final Announcements announcements;
    private final Replicas replicas;
    private final Duration lostRemembered;

    /**
     * A store over those scripts' connection.
     *
     * @param keyPrefix the start of every key's name, e.g. {@code portcullis:}
     * @param revocations where revoked sessions are announced
     * @param kept where they are kept until Redis has surely not lost them
     * @param replicas this one and the others
     * @param lostRemembered how long a session that Redis has lost, and that ended since, is kept from being opened again;
     *     zero where lost ones are not opened again
     */
    public RedisSessionStore(
            ScriptRunner scripts,
            String keyPrefix,
            RevocationStream revocations,
            KeptRevocations kept,
            Replicas replicas,
            Duration lostRemembered) {
        this.scripts = new StoreScripts(scripts);
        this.replicas = replicas;
        this.keys = new RedisKeys(keyPrefix);
        this.revocations = revocations;
        this.lostRemembered = lostRemembered;
        this.announcements = new Announcements(revocations, kept);
        this.rotations = new RedisRotations(this.scripts, keys, replicas);
        this.subjects = new RedisSubjects(this.scripts, keys, announcements);
        this.adoptions = new RedisAdoptions(scripts, keys);
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        SessionRef session = opening.session();
        return Mono.deferContextual(call -> scripts.runInTime(
                        OPEN, keyOf(session.id()), ScriptArguments.of(opening, scripts.givenUp(call))))
                .delayUntil(answer -> announcements.ofGrant(session, answer))
                .map(answer -> answer.successor(session.subjectHash()));
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        SessionRef session = rotation.session();
        return Mono.defer(() -> {
            // before it is sent: what is revoked while it is under way may have been granted before
            boolean wasRevoked = revocations.knows(session.id());
            return rotations.rotate(rotation).flatMap(answer -> {
                RotationOutcome outcome = answer.outcome(rotation);
                if (!wasRevoked && Announcements.isNothingIn(answer)) {
                    return Mono.just(outcome);
                }
                return announcements
                        .ofGrant(session, answer)
                        .then(wasRevoked ? asRevoked(session.id(), outcome) : Mono.just(outcome));
            });
        });
    }

    /** What was known here to be revoked is over, whatever Redis says that has lost it. */
    private Mono<RotationOutcome> asRevoked(SessionId session, RotationOutcome outcome) {
        return outcome instanceof Granted
                ? revokeIfLost(session, RevocationReason.OTHER).thenReturn(new Revoked())
                : Mono.just(outcome);
    }

    /** Revokes a session again of which Redis has lost that it was; whether it had. */
    Mono<Boolean> revokeIfLost(SessionId session, RevocationReason reason) {
        return find(session)
                .filter(lookup ->
                        lookup instanceof Found found && found.session().tombstone() == null)
                .flatMap(lost -> revoke(session, reason, AttemptId.random()))
                .map(revocation -> revocation == Revocation.REVOKED)
                .doOnNext(revokedAgain -> {
                    if (revokedAgain) {
                        revocations.restored(session);
                    }
                })
                .defaultIfEmpty(false);
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return Mono.deferContextual(call -> scripts.runInTime(
                        MARK_UNDELIVERED,
                        keyOf(session.id()),
                        List.of(
                                session.id().name(),
                                Long.toString(generation),
                                replicas.inRedis(attempt),
                                scripts.givenUp(call))))
                .map(answer -> answer.word().equals("marked"));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return revoke(session.id(), session.realm(), reason, attempt);
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        // whose a session is never changes
        return find(session)
                .flatMap(lookup -> lookup instanceof Found found
                        ? revoke(session, found.session().realm(), reason, attempt)
                        : Mono.just(Revocation.UNKNOWN));
    }

    private Mono<Revocation> revoke(SessionId session, String realm, RevocationReason reason, AttemptId attempt) {
        return scripts.run(
                        REVOKE,
                        keyOf(session),
                        List.of(
                                realm,
                                session.name(),
                                ScriptArguments.word(reason),
                                replicas.inRedis(attempt),
                                ScriptArguments.millis(lostRemembered)))
                .delayUntil(answer -> announcements.ofRevocation(session, realm, reason, answer))
                .map(ScriptAnswer::revocation);
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return subjects.revokeAll(subject, reason, policy, replicas.inRedis(attempt), ago);
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return subjects.changeClaims(subject, claims, policy);
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return scripts.run(SHOW, keyOf(session), List.of(session.name()))
                .map(answer -> StoredSession.shown(answer, session.subject()));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return subjects.list(subject);
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return adoptions.claim(token, claimant, lease);
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return adoptions.complete(token, claimant, sealed, until);
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return adoptions.giveBack(token, claimant);
    }

    private String keyOf(SessionId session) {
        return keys.sessions(session.subject());
    }
}
