package io.portcullis.operations;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
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
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
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
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * A store whose every call is a client span in the trace of the request that caused it, which is in Reactor's context under
 * {@link Context}. A call that is sent again is a span again. The span says which call it was, not about whom.
 */
public final class TracedSessionStore implements SessionStore {
    private final SessionStore store;
    private final Tracer tracer;

    public TracedSessionStore(SessionStore store, OpenTelemetry telemetry) {
        this.store = store;
        this.tracer = telemetry.getTracer("io.portcullis");
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        return traced("open_session", store.open(opening));
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        return traced("rotate_session", store.rotate(rotation));
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return traced("mark_undelivered", store.markUndelivered(session, generation, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return traced("revoke_session", store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        return traced("revoke_session", store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return traced("revoke_subject", store.revokeAll(subject, reason, policy, attempt, ago));
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return traced("change_claims", store.changeClaims(subject, claims, policy));
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return traced("show_session", store.find(session));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return traced("list_sessions", store.list(subject));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return traced("claim_adoption", store.claimAdoption(token, claimant, lease));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return traced("complete_adoption", store.completeAdoption(token, claimant, sealed, until));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return traced("give_back_adoption", store.giveBackAdoption(token, claimant));
    }

    private <T> Mono<T> traced(String script, Mono<T> call) {
        return Mono.deferContextual(view -> {
            if (!view.hasKey(Context.class)) {
                return call;
            }
            Span span = tracer.spanBuilder("EVALSHA " + script)
                    .setParent(view.get(Context.class))
                    .setSpanKind(SpanKind.CLIENT)
                    .setAttribute("db.system.name", "redis")
                    .setAttribute("db.operation.name", "EVALSHA")
                    .setAttribute("db.stored_procedure.name", script)
                    .startSpan();
            return call.doOnError(
                            e -> span.setAttribute("error.type", e.getClass().getName()))
                    .doFinally(signal -> {
                        if (signal != SignalType.ON_COMPLETE) {
                            span.setStatus(StatusCode.ERROR);
                        }
                        span.end();
                    });
        });
    }
}
