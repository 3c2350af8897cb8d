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
 * Sessions in Redis: one script, one key and one round trip a call, on Redis' clock. What is stored:
 *
 * <pre>
 * &lt;prefix&gt;sessions:&lt;subject hash&gt;     hash, the sessions of one subject in one realm
 *     realm     the audience
 *     &lt;name&gt;    the record of the session of that name, the first 22 characters of its id; an array in MessagePack:
 *                 format of the record: 1
 *                 the generation: how often the refresh token was rotated
 *                 when the session was opened, ms
 *                 when the newest token was made, ms after that
 *                 its absolute end, ms after it was opened
 *                 when the last of its access tokens expires, ms after the newest token was made: the backend decided how long
 *                   the login's lives, and those that were minted before a realm's were shortened live longer than the newest
 *                 who made the newest token, or ended the session: the replica, a dot, and the id of the attempt; empty before
 *                   the first rotation
 *                 for an adopted session, the expiry of the backend's token, ms after it was opened; else 0
 *               for one that was revoked, the tombstone:
 *                 why, as a number (sessions.lua) or a word; when, ms after the newest token was made; and by how many generations
 *                   the token that was presented was behind
 *               or 0, 0, 0 and a map of what few have:
 *                 l   1 if the newest token is known not to have reached the client
 *                 h   when the newest token was handed out again last, ms after it was made
 *                 c   the changed claims that the newest token has and the one before has not, a JSON object of sealed values
 *                 s   when the last change was made that the newest token has, ms
 *     room &lt;name&gt;   the sessions that ended so that there was room for that one, as long as its first token is the newest: name
 *               and expiry of the last access token, ms, of each
 *     ended     when all sessions were ended that the subject then had, ms, why, who did it as above, and when another attempt
 *               had done so before, ms, with spaces between
 *     claims    claims that an operator changed, an array in MessagePack of name, when, ms, and value, sealed, in JSON
 *     seen      how many fields there were when sessions that are over were forgotten last, and when, ms
 *     live      where a subject may have only so many sessions, the names of those that may be live, with spaces between
 *   expires a minute after the last token, refresh or access, of the last session has expired: a late one is told from a forged
 *   one. A session that is over a minute is forgotten when the subject opens others
 * &lt;prefix&gt;revocations                    stream, the sessions that were revoked lately: see RevocationStream
 *   expires with the last access token of the last of them
 * &lt;prefix&gt;replicas                       hash, the replicas of the gateway: see sign_of_life.lua; expires 11 min after
 *   the last sign of the last of them
 * </pre>
 *
 * The subject's hash is 22 characters of base64url, and the end of its sessions' ids: a session is found by its id alone. A
 * record has less than 64 bytes as a rule, so that Redis keeps the hash of up to 500 sessions in one piece. A call that ends sessions is answered
 * once they were announced to all replicas: a second step, since the announcements have a key of their own. There is no token,
 * no secret and no name of anybody in any of it. A gateway that meets a record of a format it does not know says so as an
 * error, not as an unknown session.
 *
 * <p>While a version is rolled out, or back, gateways of both write the same records. So a format only grows: something may be
 * added whose absence means what was before, and which an older gateway may leave as it is; none is taken away or gets
 * another meaning. Where that cannot be, the format is counted up, one release after all gateways can read the new one. The
 * same holds for the notes, the stream's entries, and the claims of refresh tokens.
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
            return rotations
                    .rotate(rotation)
                    .delayUntil(answer -> announcements.ofGrant(session, answer))
                    .map(answer -> answer.outcome(rotation))
                    .flatMap(outcome -> wasRevoked ? asRevoked(session.id(), outcome) : Mono.just(outcome));
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
