package io.portcullis.session;

import io.portcullis.session.RotationOutcome.Granted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** One session in a store, and the calls on it, each waited for. */
public record LiveSession(SessionStore store, SessionRef ref) {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

    /** A session of that subject in the realm {@code app}, not yet opened. */
    public static LiveSession of(String subject, SessionStore store) {
        return new LiveSession(store, new SessionRef("app", subject, SessionId.random("app", subject)));
    }

    /** The session of the same name that the subject may have in the realm {@code dashboard}. */
    public LiveSession inAnotherRealm() {
        return ofTheSameName("dashboard", ref.subject());
    }

    /** Another session of the same subject in the same realm. */
    public LiveSession sibling() {
        return new LiveSession(
                store, new SessionRef(ref.realm(), ref.subject(), SessionId.random(ref.realm(), ref.subject())));
    }

    public ClaimsChange changeClaims(Map<String, String> claims, RealmPolicy policy) {
        return answer(store.changeClaims(subject(), claims, policy));
    }

    public SubjectRef subject() {
        return new SubjectRef(ref.realm(), ref.subject());
    }

    public EndedSessions revokeAll(RealmPolicy policy) {
        return revokeAll(policy, AttemptId.random());
    }

    public EndedSessions revokeAll(RealmPolicy policy, AttemptId attempt) {
        return revokeAll(policy, attempt, Duration.ZERO);
    }

    public EndedSessions revokeAll(RealmPolicy policy, AttemptId attempt, Duration ago) {
        return answer(store.revokeAll(subject(), RevocationReason.SUBJECT, policy, attempt, ago));
    }

    public Revocation revokeById() {
        return answer(store.revoke(ref.id(), RevocationReason.ADMIN, AttemptId.random()));
    }

    public SessionLookup find() {
        return answer(store.find(ref.id()));
    }

    /** @throws ClassCastException if the store knows of no such session */
    public SessionState state() {
        return ((SessionLookup.Found) find()).session();
    }

    /** All of the subject's sessions in the realm. */
    public List<SessionState> listed() {
        return answer(store.list(subject()));
    }

    /** Another subject's session. */
    public LiveSession ofSubject(String subject) {
        return new LiveSession(store, new SessionRef(ref.realm(), subject, SessionId.random(ref.realm(), subject)));
    }

    /** The session of the same name that another subject may have. */
    public LiveSession ofAStranger() {
        return ofTheSameName(ref.realm(), "eve" + ref.subject());
    }

    private LiveSession ofTheSameName(String realm, String subject) {
        SessionId id = new SessionId(ref.id().name(), SubjectHash.of(realm, subject));
        return new LiveSession(store, new SessionRef(realm, subject, id));
    }

    public Successor open(RealmPolicy policy) {
        return open(policy, Instant.now().plus(policy.accessTokenLifetime()));
    }

    /** The login's own access token ends then, or never. */
    public Successor open(RealmPolicy policy, @Nullable Instant accessTokenEnd) {
        return answer(store.open(new Opening(ref, policy, accessTokenEnd)));
    }

    public RotationOutcome rotate(long presented, AttemptId attempt, RealmPolicy policy) {
        return answer(store.rotate(new Rotation(ref, presented, attempt, policy, null)));
    }

    /** Presents a token that no one presented before in this attempt. */
    public RotationOutcome rotate(long presented, RealmPolicy policy) {
        return rotate(presented, AttemptId.random(), policy);
    }

    /** @throws ClassCastException if the rotation is refused */
    public Successor successor(long presented, AttemptId attempt, RealmPolicy policy) {
        return ((Granted) rotate(presented, attempt, policy)).successor();
    }

    /** Presents a backend's token that does not say when it was issued. */
    public RotationOutcome adopt(AttemptId attempt, RealmPolicy policy, Instant until) {
        return adopt(attempt, policy, new AdoptedToken(until, null));
    }

    public RotationOutcome adopt(AttemptId attempt, RealmPolicy policy, AdoptedToken token) {
        return answer(store.rotate(new Rotation(ref, 0, attempt, policy, token)));
    }

    /** Presents a token of a session that may be lost. */
    public RotationOutcome recover(long presented, AttemptId attempt, RealmPolicy policy, LostSession lost) {
        return answer(store.rotate(new Rotation(ref, presented, attempt, policy, null, lost)));
    }

    public boolean markUndelivered(long generation, AttemptId attempt) {
        return answer(store.markUndelivered(ref, generation, attempt));
    }

    public Revocation revoke() {
        return revoke(AttemptId.random());
    }

    public Revocation revoke(AttemptId attempt) {
        return answer(store.revoke(ref, RevocationReason.LOGOUT, attempt));
    }

    private static <T> T answer(Mono<T> answer) {
        return answer.blockOptional(ANSWERS_WITHIN).orElseThrow();
    }
}
