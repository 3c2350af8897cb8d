package io.portcullis.redis;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
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
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;
import reactor.util.retry.Retry;

/**
 * A store that waits out a short outage: a call that gets no answer is sent again, with the same arguments, until its
 * budget is spent, or nobody waits for it any more. While the store is known to be away the circuit breaker, which counts whole
 * calls, answers at once. A rotation that it did not answer, and may have carried out, it is told to be undelivered once it
 * answers again.
 */
public final class ResilientSessionStore implements SessionStore {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

    private final SessionStore store;
    private final CircuitBreaker circuitBreaker;
    private final KeptCalls marks;
    private final Unsettled unsettled;
    private final Duration budget;
    private final Duration commandTimeout;
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
        this.circuitBreaker = circuitBreaker;
        this.marks = marks;
        this.unsettled = unsettled;
        this.budget = budget;
        this.commandTimeout = commandTimeout;
        this.clock = clock;
    }

    @Override
    public Mono<Successor> open(Opening opening) {
        return call(store.open(opening));
    }

    @Override
    public Mono<RotationOutcome> rotate(Rotation rotation) {
        return Mono.deferContextual(call -> {
            Waiting waiting = call.hasKey(Waiting.class) ? call.get(Waiting.class) : new Waiting();
            AttemptId attempt = rotation.attempt();
            Unsettled.Call unsettledCall = unsettled.new Call(attempt);
            // its client is back and about to get its answer: from now on the mark would be wrong
            boolean wasKept = marks.withdraw(attempt);
            return call(unsettledCall.sending(store.rotate(rotation)))
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
        return sentOnce(store.markUndelivered(session, generation, attempt))
                .doOnSuccess(noted -> unsettled.end(attempt))
                // nobody will be able to note it
                .doOnError(UnreadableRecordException.class, e -> unsettled.end(attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
        return call(store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
        return call(store.revoke(session, reason, attempt));
    }

    @Override
    public Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return call(store.revokeAll(subject, reason, policy, attempt, ago));
    }

    @Override
    public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        return call(store.changeClaims(subject, claims, policy));
    }

    @Override
    public Mono<SessionLookup> find(SessionId session) {
        return call(store.find(session));
    }

    @Override
    public Mono<List<SessionState>> list(SubjectRef subject) {
        return call(store.list(subject));
    }

    @Override
    public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
        return call(store.claimAdoption(token, claimant, lease));
    }

    @Override
    public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
        return call(store.completeAdoption(token, claimant, sealed, until));
    }

    @Override
    public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
        return call(store.giveBackAdoption(token, claimant));
    }

    private <T> Mono<T> call(Mono<T> sending) {
        return Mono.deferContextual(call -> KeptCalls.isRepeating(call) ? sentOnce(sending) : insisted(sending));
    }

    /** Whoever sends it will send it again, and is not to open the circuit breaker for others. */
    private <T> Mono<T> sentOnce(Mono<T> sending) {
        return answeredInTime(sending)
                .contextWrite(context -> Deadline.in(commandTimeout).addedTo(context));
    }

    private <T> Mono<T> insisted(Mono<T> sending) {
        return withinBudget(sending)
                .map(Answer::of)
                // the store did answer: the circuit breaker must not open for one record
                .onErrorResume(
                        e -> e instanceof UnreadableRecordException || e instanceof UndecidedException,
                        e -> Mono.just(Answer.of((StoreUnavailableException) e)))
                .transformDeferred(CircuitBreakerOperator.of(circuitBreaker))
                .onErrorMap(
                        CallNotPermittedException.class, e -> new NotDoneException("the circuit breaker is open", e))
                .flatMap(Answer::get);
    }

    private <T> Mono<T> withinBudget(Mono<T> sending) {
        return Mono.defer(() -> {
            Deadline end = Deadline.in(budget);
            // sendings of which it is not known that nothing came of them
            AtomicInteger open = new AtomicInteger();
            AtomicBoolean isUndecided = new AtomicBoolean();
            return repeated(Mono.defer(() -> {
                        open.incrementAndGet();
                        return sending.doOnError(NotDoneException.class, e -> open.decrementAndGet())
                                .doOnError(e -> isUndecided.set(e instanceof UndecidedException))
                                // each has its own: if carried out after the next was answered it would be a reuse
                                .contextWrite(end.orIfEarlier(Deadline.in(commandTimeout))::addedTo);
                    }))
                    // it answered each, and last that it cannot say
                    .onErrorMap(
                            e -> e instanceof StoreUnavailableException && isUndecided.get() && open.get() == 0,
                            e -> new UndecidedException())
                    .onErrorMap(
                            e -> e instanceof StoreUnavailableException
                                    && !(e instanceof UndecidedException)
                                    && open.get() == 0,
                            e -> new NotDoneException("nothing came of it", e));
        });
    }

    private <T> Mono<T> repeated(Mono<T> sending) {
        return Mono.deferContextual(call -> {
            AtomicBoolean wasSent = new AtomicBoolean();
            return answeredInTime(Mono.defer(
                            () -> wasSent.getAndSet(true) && isForNobody(call) ? Mono.<T>error(forNobody()) : sending))
                    .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                            .maxBackoff(LONGEST_PAUSE)
                            .filter(e -> mayPass(e) && !isForNobody(call)))
                    .timeout(budget)
                    .onErrorMap(
                            TimeoutException.class,
                            e -> new StoreUnavailableException("no answer within " + budget, e));
        });
    }

    private static boolean isForNobody(ContextView call) {
        return call.hasKey(Waiting.class) && call.<Waiting>get(Waiting.class).isOver();
    }

    private static StoreUnavailableException forNobody() {
        return new StoreUnavailableException("not sent again", new CancellationException("nobody waits any more"));
    }

    private <T> Mono<T> answeredInTime(Mono<T> sending) {
        return sending.timeout(commandTimeout)
                .onErrorMap(
                        TimeoutException.class,
                        e -> new StoreUnavailableException("no answer within " + commandTimeout, e));
    }

    private static boolean isSurelyNotDone(Throwable e) {
        return e instanceof NotDoneException || e instanceof UnreadableRecordException;
    }

    private static boolean mayPass(Throwable e) {
        return e instanceof StoreUnavailableException && !(e instanceof UnreadableRecordException);
    }

    /** What the store said: a value, or why it has none. */
    private record Answer<T>(@Nullable T value, @Nullable StoreUnavailableException without) {
        static <T> Answer<T> of(T value) {
            return new Answer<>(value, null);
        }

        static <T> Answer<T> of(StoreUnavailableException e) {
            return new Answer<>(null, e);
        }

        Mono<T> get() {
            return without == null ? Mono.justOrEmpty(value) : Mono.error(without);
        }
    }
}
