package io.portcullis.redis;

import io.portcullis.redis.RevocationStream.Announcement;
import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AttemptId;
import io.portcullis.session.Opening;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import io.portcullis.session.TokenHash;
import io.portcullis.session.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Flux;
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
 *     by        id of the attempt that made it, or that was the reuse (absent before the first rotation)
 *     from      when the session was opened, ms
 *     end       its absolute end, ms
 *     lost      1 if the newest token is known not to have reached the client
 *     keep      for an adopted session, the expiry of the backend's token, ms
 *     own       when the access token of the login expires, which its backend decided: only where that is later than those
 *               that are minted here, ms
 *     dead      the tombstone: why the session was revoked; with dead_at (ms) and dead_gen (generation presented)
 *   expires a minute after the session's last token, refresh or access, has expired: a late one is told from a forged one
 * &lt;prefix&gt;{&lt;partition&gt;}:sessions:&lt;realm&gt;:&lt;subject hash&gt;   sorted set, session id scored by absolute end
 *   expires with the last of them
 * &lt;prefix&gt;{&lt;partition&gt;}:ended:&lt;realm&gt;:&lt;subject hash&gt;      string, when all sessions the subject then had were ended, ms
 *   expires when the youngest of them would have ended by itself
 * &lt;prefix&gt;revocations                              stream, the sessions that were revoked lately: see RevocationStream
 *   expires with the last access token of the last of them
 * </pre>
 *
 * The subject's hash is 22 characters of base64url, the partition their first 2 and a session id's last 2: all keys of a
 * subject share a slot of a cluster, and a session is found by its id alone. A call that revokes is answered once it was
 * announced to all replicas: a second step, since the announcements are in no subject's slot. There is no token, no secret
 * and no name in any of it. A gateway that meets a record of a format it does not know says
 * so as an error, not as an unknown session.
 */
public final class RedisSessionStore implements SessionStore {
    private static final Script OPEN = Script.load("open_session", ReturnType.MULTI);
    private static final Script ROTATE = Script.load("rotate_session", ReturnType.MULTI);
    private static final Script MARK_UNDELIVERED = Script.load("mark_undelivered", ReturnType.VALUE);
    private static final Script REVOKE = Script.load("revoke_session", ReturnType.MULTI);
    private static final Script REVOKE_SUBJECT = Script.load("revoke_subject", ReturnType.MULTI);
    private static final Script OWN_EXPIRIES = Script.load("own_expiries", ReturnType.MULTI);

    private static final int RECORDS_AT_ONCE = 100;

    private final ScriptRunner scripts;
    private final RedisKeys keys;
    private final RedisAdoptions adoptions;
    private final RevocationStream revocations;

    /**
     * A store over those scripts' connection.
     *
     * @param keyPrefix the start of every key's name, e.g. {@code portcullis:}
     * @param revocations where revoked sessions are announced
     */
    public RedisSessionStore(ScriptRunner scripts, String keyPrefix, RevocationStream revocations) {
        this.scripts = scripts;
        this.keys = new RedisKeys(keyPrefix);
        this.adoptions = new RedisAdoptions(scripts, keys);
        this.revocations = revocations;
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        SessionRef session = opening.session();
        RealmPolicy policy = opening.policy();
        List<String> arguments = List.of(
                session.realm(),
                session.subjectHash().value(),
                session.id().value(),
                millis(policy.idleLifetime()),
                millis(policy.absoluteLifetime()),
                millis(policy.accessTokenLifetime()),
                millis(opening.accessTokenEnd()));
        return run(OPEN, openKeys(session), arguments).map(answer -> new ScriptAnswer((List<?>) answer).successor());
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        SessionRef session = rotation.session();
        RealmPolicy policy = rotation.policy();
        List<String> arguments = List.of(
                session.realm(),
                session.subjectHash().value(),
                session.id().value(),
                Long.toString(rotation.presented()),
                rotation.attempt().value(),
                millis(policy.idleLifetime()),
                millis(policy.absoluteLifetime()),
                millis(policy.accessTokenLifetime()),
                millis(policy.reuseGrace()),
                policy.reuseAction().name().toLowerCase(Locale.ROOT),
                millis(rotation.adoptUntil()));
        return run(ROTATE, rotateKeys(session), arguments)
                .map(answer -> new ScriptAnswer((List<?>) answer))
                .delayUntil(answer -> announceIfRevoked(session, answer))
                .map(answer -> answer.outcome(rotation.presented()));
    }

    private Mono<Void> announceIfRevoked(SessionRef session, ScriptAnswer answer) {
        return switch (answer.word()) {
            case "reused" -> revocations.announce(List.of(announcement(session, answer.number(5))));
            // whoever revoked it may not have come to announcing it
            case "revoked" -> revocations.announceIfNews(announcement(session, answer.number(5)));
            default -> Mono.empty();
        };
    }

    private static Announcement announcement(SessionRef session, long ownExpiryMillis) {
        return new Announcement(session.id(), session.realm(), ownExpiryMillis);
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return run(
                        MARK_UNDELIVERED,
                        List.of(keys.session(session.id())),
                        List.of(Long.toString(generation), attempt.value()))
                .map("marked"::equals);
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason) {
        return run(
                        REVOKE,
                        List.of(keys.session(session.id())),
                        List.of(
                                session.realm(),
                                session.subjectHash().value(),
                                reason.name().toLowerCase(Locale.ROOT)))
                .map(answer -> new ScriptAnswer((List<?>) answer))
                .delayUntil(answer -> answer.word().equals("unknown")
                        ? Mono.empty()
                        : revocations.announce(List.of(announcement(session, answer.number(1)))))
                .map(ScriptAnswer::revocation);
    }

    @Override
    public Mono<List<SessionId>> revokeAll(SubjectRef subject, RealmPolicy policy) {
        List<String> subjectKeys = List.of(
                keys.sessions(subject.realm(), subject.subjectHash()),
                keys.ended(subject.realm(), subject.subjectHash()));
        return run(REVOKE_SUBJECT, subjectKeys, List.of(millis(policy.absoluteLifetime())))
                .map(ids -> ((List<?>) ids)
                        .stream().map(id -> new SessionId((String) id)).toList())
                .delayUntil(ids -> announceAll(subject, ids, Instant.now().plus(policy.absoluteLifetime())));
    }

    private Mono<Void> announceAll(SubjectRef subject, List<SessionId> ids, Instant latest) {
        // the script will not name them again
        ids.forEach(id -> revocations.hold(new Announcement(id, subject.realm(), latest.toEpochMilli())));
        return Flux.fromIterable(ids)
                .buffer(RECORDS_AT_ONCE)
                .concatMap(some -> run(
                                OWN_EXPIRIES, some.stream().map(keys::session).toList(), List.of())
                        .map(answer -> new ScriptAnswer((List<?>) answer))
                        .map(expiries -> IntStream.range(0, some.size())
                                .mapToObj(i -> new Announcement(some.get(i), subject.realm(), expiries.number(i)))
                                .toList()))
                .collectList()
                // and what an earlier sending of this call could not announce
                .flatMap(parts -> revocations.announce(
                        parts.stream().flatMap(List::stream).toList()));
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

    private List<String> openKeys(SessionRef session) {
        return List.of(keys.session(session.id()), keys.sessions(session.realm(), session.subjectHash()));
    }

    private List<String> rotateKeys(SessionRef session) {
        return List.of(
                keys.session(session.id()),
                keys.sessions(session.realm(), session.subjectHash()),
                keys.ended(session.realm(), session.subjectHash()));
    }

    private Mono<Object> run(Script script, List<String> keys, List<String> arguments) {
        return scripts.run(script, keys, arguments).onErrorMap(DataAccessException.class, RedisSessionStore::failure);
    }

    static StoreUnavailableException failure(DataAccessException e) {
        String message =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        return message.startsWith("FORMAT") || message.startsWith("WRONGTYPE")
                ? new UnreadableRecordException("Redis has a record that is not readable here", e)
                : new StoreUnavailableException("Redis did not run a script", e);
    }

    private static String millis(@Nullable Instant time) {
        return time == null ? "0" : Long.toString(time.toEpochMilli());
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
