package io.portcullis.redis;

import io.portcullis.redis.Replicas.Known;
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
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Sessions in Redis: one script and one round trip a call, on Redis' clock. What is stored:
 *
 * <pre>
 * &lt;prefix&gt;{&lt;partition&gt;}:session:&lt;session id&gt;                  hash, the record of one session
 *     v         format of the record: 1
 *     realm     the audience
 *     sub       whose it is: the subject's hash
 *     gen       the generation: how often the refresh token was rotated
 *     at        when the newest token was made, ms
 *     by        who made it, or ended the session: the replica, a dot, and the id of the attempt (absent before the first rotation)
 *     from      when the session was opened, ms
 *     end       its absolute end, ms
 *     handed    when the newest token was handed out again last, ms
 *     lost      1 if the newest token is known not to have reached the client
 *     keep      for an adopted session, the expiry of the backend's token, ms
 *     own       when the last of its access tokens expires, ms: the backend decided how long the login's lives, and those
 *               that were minted before a realm's were shortened live longer than the newest
 *     changed   the changed claims that the newest token has and the one before has not, a JSON object of sealed values
 *     has       when the last change was made that the newest token has, ms
 *     room      ids of the sessions that ended so that there was room for this one, as long as its first token is the newest
 *     dead      the tombstone: why the session was revoked; with dead_at (ms) and dead_gen (generation presented)
 *   expires a minute after the session's last token, refresh or access, has expired: a late one is told from a forged one
 * &lt;prefix&gt;{&lt;partition&gt;}:sessions:&lt;realm&gt;:&lt;subject hash&gt;   sorted set, session id scored by absolute end, ms;
 *   or by the expiry of its last access token where that is later; negative once it was revoked, half a ms further from zero
 *   if by the last call that ended all of them; expires with the last of them
 * &lt;prefix&gt;{&lt;partition&gt;}:ended:&lt;realm&gt;:&lt;subject hash&gt;      string, when all sessions the subject then had were
 *   ended, ms, why, and who did it as above, with spaces between; expires when the youngest of them would have
 *   ended by itself
 * &lt;prefix&gt;{&lt;partition&gt;}:claims:&lt;realm&gt;:&lt;subject hash&gt;     hash, claims that an operator changed: by name when, ms, a
 *   space, and the value, sealed, in JSON; expires when the last session that was open then has ended
 * &lt;prefix&gt;revocations                              stream, the sessions that were revoked lately: see RevocationStream
 *   expires with the last access token of the last of them
 * &lt;prefix&gt;replicas                                 hash, the replicas of the gateway: see sign_of_life.lua; expires 11 min
 *   after the last sign of the last of them
 * </pre>
 *
 * The subject's hash is 22 characters of base64url, the partition their first 2 and a session id's last 2: all keys of a
 * subject share a slot of a cluster, and a session is found by its id alone. A call that ends sessions is answered once they
 * were announced to all replicas: a second step, since the announcements are in no subject's slot. There is no token, no
 * secret and no name of anybody in any of it. A gateway that meets a record of a format it does not know says so as an
 * error, not as an unknown session.
 *
 * <p>While a version is rolled out, or back, gateways of both write the same records. So a format only grows: a field may be
 * added whose absence means what was before, and which an older gateway may leave as it is; none is taken away or gets
 * another meaning. Where that cannot be, {@code v} is counted up, one release after all gateways can read the new format. The
 * same holds for the notes, the stream's entries, and the claims of refresh tokens.
 */
public final class RedisSessionStore implements SessionStore {
    private static final Script OPEN = Script.load(ReturnType.MULTI, "session_limit", "open_session");
    private static final Script ROTATE = Script.load(ReturnType.MULTI, "session_limit", "rotate_session");
    private static final Script MARK_UNDELIVERED = Script.load(ReturnType.MULTI, "mark_undelivered");
    private static final Script REVOKE = Script.load(ReturnType.MULTI, "revoke_session");

    private final ScriptRunner scripts;
    private final RedisKeys keys;
    private final RedisSubjects subjects;
    private final RedisAdoptions adoptions;
    private final RevocationStream revocations;
    private final Announcements announcements;
    private final Replicas replicas;
    private final Duration lostRemembered;
    private final ServerTime time = new ServerTime();

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
        this.scripts = scripts;
        this.replicas = replicas;
        this.keys = new RedisKeys(keyPrefix);
        this.revocations = revocations;
        this.lostRemembered = lostRemembered;
        this.announcements = new Announcements(revocations, kept);
        this.subjects = new RedisSubjects(scripts, keys, announcements, time);
        this.adoptions = new RedisAdoptions(scripts, keys);
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        SessionRef session = opening.session();
        return Mono.deferContextual(call -> granted(
                        OPEN, keysOf(session), ScriptArguments.of(opening, Deadline.millis(call, time)), session))
                .map(ScriptAnswer::successor);
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        SessionRef session = rotation.session();
        return Mono.deferContextual(call -> {
            // before it is sent: what is revoked while it is under way may have been granted before
            boolean wasRevoked = revocations.knows(session.id());
            return rotate(rotation, Deadline.millis(call, time))
                    .map(answer -> answer.outcome(rotation.presented()))
                    .flatMap(outcome -> wasRevoked ? asRevoked(session.id(), outcome) : Mono.just(outcome));
        });
    }

    private Mono<ScriptAnswer> rotate(Rotation rotation, long givenUpMillis) {
        String attempt = inRedis(rotation.attempt());
        return rotate(rotation, ScriptArguments.of(rotation, attempt, givenUpMillis, "", ""))
                .flatMap(answer -> {
                    if (!isUnheard(answer)) {
                        return Mono.just(answer);
                    }
                    Known known = replicas.about(answer.text(2), answer.number(3));
                    String word = known.name().toLowerCase(Locale.ROOT);
                    return known == Known.UNSETTLED
                            ? Mono.error(new UndecidedException())
                            : rotate(
                                    rotation,
                                    ScriptArguments.of(rotation, attempt, givenUpMillis, answer.text(1), word));
                })
                // another replica handed it out in between
                .flatMap(answer -> isUnheard(answer) ? Mono.error(new UndecidedException()) : Mono.just(answer));
    }

    private Mono<ScriptAnswer> rotate(Rotation rotation, List<String> arguments) {
        return granted(ROTATE, rotateKeys(rotation.session()), arguments, rotation.session());
    }

    private static boolean isUnheard(ScriptAnswer answer) {
        return answer.word().equals("unheard");
    }

    /** It says which replica made it. */
    private String inRedis(AttemptId attempt) {
        return replicas.name() + "." + attempt.value();
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

    private Mono<ScriptAnswer> granted(Script script, List<String> keys, List<String> arguments, SessionRef session) {
        return subjects.runLooking(script, keys, arguments)
                .flatMap(answer -> time.inTime(new ScriptAnswer(answer)))
                .delayUntil(answer -> announcements.ofGrant(session.id(), session.realm(), answer));
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return Mono.deferContextual(call -> run(
                        MARK_UNDELIVERED,
                        List.of(keys.session(session.id())),
                        List.of(
                                Long.toString(generation),
                                inRedis(attempt),
                                Long.toString(Deadline.millis(call, time)))))
                .flatMap(answer -> time.inTime(new ScriptAnswer((List<?>) answer)))
                .map(answer -> answer.word().equals("marked"));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return revoke(session.id(), session.realm(), session.subjectHash(), reason, attempt);
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        // whose a session is never changes
        return find(session)
                .flatMap(lookup -> lookup instanceof Found found
                        ? revoke(
                                session,
                                found.session().realm(),
                                found.session().subject(),
                                reason,
                                attempt)
                        : Mono.just(Revocation.UNKNOWN));
    }

    private Mono<Revocation> revoke(
            SessionId id, String realm, SubjectHash subject, RevocationReason reason, AttemptId attempt) {
        return run(
                        REVOKE,
                        List.of(keys.session(id), keys.sessions(realm, subject), keys.ended(realm, subject)),
                        List.of(
                                realm,
                                subject.value(),
                                id.value(),
                                ScriptArguments.word(reason),
                                inRedis(attempt),
                                ScriptArguments.millis(lostRemembered)))
                .map(answer -> new ScriptAnswer((List<?>) answer))
                .delayUntil(answer -> announcements.ofRevocation(id, realm, reason, answer))
                .map(ScriptAnswer::revocation);
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return subjects.revokeAll(subject, reason, policy, new AttemptId(inRedis(attempt)), ago);
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return subjects.changeClaims(subject, claims, policy);
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return subjects.find(session);
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

    private List<String> keysOf(SessionRef session) {
        SubjectHash subject = session.subjectHash();
        return List.of(
                keys.session(session.id()),
                keys.sessions(session.realm(), subject),
                keys.ended(session.realm(), subject));
    }

    private List<String> rotateKeys(SessionRef session) {
        return RedisSubjects.joined(keysOf(session), List.of(keys.claims(session.realm(), session.subjectHash())));
    }

    private Mono<Object> run(Script script, List<String> keys, List<String> arguments) {
        return scripts.run(script, keys, arguments).onErrorMap(DataAccessException.class, ScriptFailures::forTheStore);
    }
}
