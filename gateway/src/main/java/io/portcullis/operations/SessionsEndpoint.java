package io.portcullis.operations;

import io.portcullis.operations.OperatorEvents.Call;
import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.ClaimsChange.Changed;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.ClaimsToChange;
import io.portcullis.token.ClaimsToChange.Changeable;
import io.portcullis.token.ClaimsToChange.Unchangeable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import reactor.core.publisher.Mono;

/**
 * The actuator endpoint {@code sessions}, shaped like Spring Session's of that name: lists the sessions of a subject, shows
 * one, ends one, ends all of a subject, and changes claims of its next access tokens. Every call is recorded with who made
 * it, from where, and how it ended.
 *
 * <p>What is given is an {@link Object}: of a parameter that stands twice Spring makes a list, which as a {@link String} would
 * be another subject's name, with a comma in it.
 */
@WebEndpoint(id = "sessions")
public final class SessionsEndpoint {
    private final SessionStore store;
    private final Map<String, RealmPolicy> realms;
    private final ClaimSeal seal;
    private final OperatorEvents events;

    /** An answer that is not what was asked for. */
    record Problem(String error) {}

    /** The sessions of a subject, the newest first. */
    record Sessions(List<SessionDescription> sessions) {}

    /** How the end of one session went: {@code revoked}, or {@code already_revoked}. */
    record Ended(String id, String outcome) {}

    /** The sessions that a subject had, all of which have ended. */
    record AllEnded(List<String> ended) {}

    /**
     * An endpoint over a store.
     *
     * @param realms the policies of the realms, by name
     */
    public SessionsEndpoint(
            SessionStore store, Map<String, RealmPolicy> realms, ClaimSeal seal, OperatorEvents events) {
        this.store = store;
        this.realms = Map.copyOf(realms);
        this.seal = seal;
        this.events = events;
    }

    @ReadOperation
    public Mono<WebEndpointResponse<Object>> list(@Nullable Object realm, @Nullable Object subject) {
        return ofSubject(
                new Call("list"),
                realm,
                subject,
                Set.of(),
                (operator, whose) -> store.list(whose)
                        .map(sessions -> answer(
                                200,
                                new Sessions(
                                        sessions.stream().map(this::described).toList()))));
    }

    @ReadOperation
    public Mono<WebEndpointResponse<Object>> show(@Selector String sid) {
        return ofSession(new Call("show"), sid, (operator, session) -> Mono.just(answer(200, described(session))));
    }

    @DeleteOperation
    public Mono<WebEndpointResponse<Object>> revoke(@Selector String sid) {
        return ofSession(
                new Call("revoke"),
                sid,
                (operator, session) -> store.revoke(session.id(), RevocationReason.ADMIN, AttemptId.random())
                        .doOnNext(revocation -> events.ended(operator, session, revocation))
                        .map(revocation -> revocation == Revocation.UNKNOWN
                                ? missing()
                                : answer(200, new Ended(session.id().value(), EventTeller.word(revocation)))));
    }

    @DeleteOperation
    public Mono<WebEndpointResponse<Object>> revokeAll(@Nullable Object realm, @Nullable Object subject) {
        return ofSubject(
                new Call("revoke_all"),
                realm,
                subject,
                Set.of(),
                (operator, whose) -> store.revokeAll(
                                whose, RevocationReason.ADMIN, policy(whose.realm()), AttemptId.random(), Duration.ZERO)
                        .doOnNext(ended -> events.allEnded(operator, whose, ended))
                        .map(ended -> answer(
                                200,
                                new AllEnded(ended.all().stream()
                                        .map(SessionId::value)
                                        .toList()))));
    }

    /**
     * Changes claims of a subject.
     *
     * @param claims a JSON object, as text: so a number in it stays as it was written
     */
    @WriteOperation
    public Mono<WebEndpointResponse<Object>> change(
            @Nullable Object realm, @Nullable Object subject, @Nullable String claims) {
        ClaimsToChange change = ClaimsToChange.read(claims == null ? "" : claims);
        Set<String> names = change instanceof Changeable changeable
                ? new TreeSet<>(changeable.values().keySet())
                : Set.of();
        return ofSubject(
                new Call("change_claims"),
                realm,
                subject,
                names,
                (operator, whose) -> change instanceof Changeable changeable
                        ? store.changeClaims(whose, seal.seal(whose, changeable.values()), policy(whose.realm()))
                                .map(SessionsEndpoint::answer)
                        : bad(((Unchangeable) change).problem()));
    }

    private static WebEndpointResponse<Object> answer(ClaimsChange change) {
        return change instanceof Changed changed
                ? answer(200, changed)
                : answer(
                        400,
                        new Problem("with these the subject has more changed claims than "
                                + SessionStore.CHANGED_CLAIMS_MAX + ", or more than "
                                + SessionStore.CHANGED_CLAIMS_BYTES_MAX + " bytes of them, sealed"));
    }

    private Mono<WebEndpointResponse<Object>> ofSession(
            Call call, String sid, BiFunction<Operator, SessionState, Mono<WebEndpointResponse<Object>>> work) {
        if (!SessionId.isValid(sid)) {
            return recorded(call, operator -> bad("a session id is 44 letters, digits, - and _"));
        }
        SessionId id = new SessionId(sid);
        AtomicReference<Call> known = new AtomicReference<>(call.about(id));
        return recorded(
                known::get,
                operator -> store.find(id).flatMap(lookup -> {
                    if (lookup instanceof Found found) {
                        known.set(call.about(found.session()));
                        return work.apply(operator, found.session());
                    }
                    return Mono.just(missing());
                }));
    }

    private Mono<WebEndpointResponse<Object>> ofSubject(
            Call call,
            @Nullable Object realm,
            @Nullable Object subject,
            Set<String> claims,
            BiFunction<Operator, SubjectRef, Mono<WebEndpointResponse<Object>>> work) {
        if (!(realm instanceof String name) || !realms.containsKey(name)) {
            return recorded(call, operator -> bad("realm is one of " + new TreeSet<>(realms.keySet())));
        }
        if (!(subject instanceof String user) || user.isBlank()) {
            return recorded(call, operator -> bad("subject is one text that is not blank"));
        }
        SubjectRef whose = new SubjectRef(name, user);
        return recorded(call.about(whose, claims), operator -> work.apply(operator, whose));
    }

    private Mono<WebEndpointResponse<Object>> recorded(
            Call call, Function<Operator, Mono<WebEndpointResponse<Object>>> work) {
        return recorded(() -> call, work);
    }

    /** @param call as it is known in the end */
    private Mono<WebEndpointResponse<Object>> recorded(
            Supplier<Call> call, Function<Operator, Mono<WebEndpointResponse<Object>>> work) {
        return Operator.current()
                .flatMap(operator -> work.apply(operator)
                        .onErrorResume(
                                StoreUnavailableException.class,
                                e -> Mono.just(answer(503, new Problem("the store cannot be reached, try again"))))
                        .doOnNext(given -> events.called(operator, call.get(), given.getStatus()))
                        .doOnError(e -> events.failed(operator, call.get()))
                        // its operator may hang up: what has begun is announced and recorded
                        .cache());
    }

    private RealmPolicy policy(String realm) {
        RealmPolicy policy = realms.get(realm);
        if (policy == null) {
            throw new IllegalStateException("no realm " + realm);
        }
        return policy;
    }

    private SessionDescription described(SessionState session) {
        return SessionDescription.of(session, realms.get(session.realm()));
    }

    private static WebEndpointResponse<Object> answer(int status, Object body) {
        return new WebEndpointResponse<>(body, status);
    }

    private static WebEndpointResponse<Object> missing() {
        return answer(404, new Problem("no such session"));
    }

    private static Mono<WebEndpointResponse<Object>> bad(String error) {
        return Mono.just(answer(400, new Problem(error)));
    }
}
