package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.Opening;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import io.portcullis.session.TokenHash;
import io.portcullis.session.UnreadableRecordException;
import io.portcullis.session.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * A store that waits out a short outage, as {@link RepeatedCalls} do. A rotation that it did not answer, and may have carried
 * out, it is told to be undelivered once it answers again.
 */
public final class ResilientSessionStore implements SessionStore {
    private final SessionStore store;
    private final RepeatedCalls calls;
    private final KeptCalls marks;
    private final Unsettled unsettled;
    private final InstantSource clock;

    /**
     * Wraps a store.
     *
     * @param marks those that are to be repeated
     * @param unsettled where it notes the rotations that are under way
     * @param budget how long a call may take in all
     * @param commandTimeout how long one sending of it may take
     */
    public ResilientSessionStore(
            SessionStore store,
            CircuitBreaker circuitBreaker,
            KeptCalls marks,
            Unsettled unsettled,
            Duration budget,
            Duration commandTimeout,
            InstantSource clock) {
        this.store = store;
        this.marks = marks;
        this.unsettled = unsettled;
        this.calls = new RepeatedCalls(circuitBreaker, budget, commandTimeout);
        this.clock = clock;
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        return calls.call(store.open(opening));
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        return Mono.deferContextual(call -> {
            Waiting waiting = call.hasKey(Waiting.class) ? call.get(Waiting.class) : new Waiting();
            AttemptId attempt = rotation.attempt();
            Unsettled.Call unsettledCall = unsettled.new Call(attempt);
            // its client is back and about to get its answer: from now on the mark would be wrong
            boolean wasKept = marks.withdraw(attempt);
            return calls.call(unsettledCall.sending(store.rotate(rotation)))
                    .doOnNext(outcome -> {
                        waiting.answered();
                        // an earlier request of the same attempt may have failed meanwhile
                        marks.withdraw(attempt);
                        if (outcome instanceof Granted && call.hasKey(Waiting.class)) {
                            waiting.whenSettled(() -> unsettled.end(attempt));
                        } else {
                            unsettled.end(attempt);
                        }
                    })
                    .doOnError(e -> {
                        // and one that fails later has nothing to mark: the client has its answer
                        if (e instanceof StoreUnavailableException
                                && (wasKept || !isSurelyNotDone(e))
                                && !waiting.isAnsweredElsewhere()) {
                            keepMark(rotation.session(), rotation.presented() + 1, attempt);
                        } else {
                            unsettledCall.endUnlessOpen();
                        }
                    });
        });
    }

    @Override
    public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
        return Mono.defer(() -> {
            unsettled.begin(attempt);
            return mark(session, generation, attempt).doOnError(StoreUnavailableException.class, e -> {
                if (!(e instanceof UnreadableRecordException)) {
                    keepMark(session, generation, attempt);
                }
            });
        });
    }

    private void keepMark(SessionRef session, long generation, AttemptId attempt) {
        unsettled.begin(attempt);
        marks.keep(attempt, Mono.defer(() -> mark(session, generation, attempt)), clock.instant());
    }

    private Mono<Boolean> mark(SessionRef session, long generation, AttemptId attempt) {
        // one that comes later may come after the client's return
        return calls.sentOnce(store.markUndelivered(session, generation, attempt))
                .doOnSuccess(noted -> unsettled.end(attempt))
                // nobody will be able to note it
                .doOnError(UnreadableRecordException.class, e -> unsettled.end(attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return calls.call(store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        return calls.call(store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return calls.call(store.revokeAll(subject, reason, policy, attempt, ago));
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return calls.call(store.changeClaims(subject, claims, policy));
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return calls.call(store.find(session));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return calls.call(store.list(subject));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return calls.call(store.claimAdoption(token, claimant, lease));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return calls.call(store.completeAdoption(token, claimant, sealed, until));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return calls.call(store.giveBackAdoption(token, claimant));
    }

    private static boolean isSurelyNotDone(Throwable e) {
        return e instanceof NotDoneException || e instanceof UnreadableRecordException;
    }
}
