package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.Opening;
import io.portcullis.session.Policies;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** How long an answer is waited for, and what is asked again; on virtual time. */
class ResilientSessionStoreTest {
    private static final Duration BUDGET = Duration.ofSeconds(2);
    private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(500);
    private static final Rotation ROTATION = new Rotation(
            new SessionRef("app", "ada", SessionId.random("ada")), 0, AttemptId.random(), Policies.strict(), null);

    private final KeptCalls marks = new KeptCalls(10, Duration.ofMinutes(10));
    private final AtomicInteger sendings = new AtomicInteger();
    private final CircuitBreaker circuitBreaker = CircuitBreaker.of(
            "store",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(2)
                    .minimumNumberOfCalls(2)
                    .build());

    /** A store whose every rotation ends in this way. */
    private SessionStore store(Mono<RotationOutcome> ending) {
        return new ResilientSessionStore(
                new EndingStore(ending.doOnSubscribe(s -> sendings.incrementAndGet())),
                circuitBreaker,
                marks,
                new Unsettled(),
                BUDGET,
                COMMAND_TIMEOUT,
                InstantSource.system());
    }

    @Test
    void aStoreThatNeverAnswersIsAskedAgainUntilTheBudgetIsSpent() {
        StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION))
                .expectSubscription()
                .expectNoEvent(BUDGET.minusMillis(1))
                .thenAwait(Duration.ofMillis(1))
                .verifyError(StoreUnavailableException.class);

        assertThat(sendings.get()).isBetween(3, 4);
    }

    @Test
    void aStoreThatRefusesAtOnceIsWaitedForAllTheSame() {
        StepVerifier.withVirtualTime(
                        () -> store(Mono.error(new StoreUnavailableException("gone", new RuntimeException())))
                                .rotate(ROTATION))
                .expectSubscription()
                .expectNoEvent(BUDGET.minusMillis(1))
                .thenAwait(Duration.ofMillis(1))
                .verifyError(StoreUnavailableException.class);

        assertThat(sendings.get()).isGreaterThan(4);
    }

    private static ContextView of(Waiting waiting) {
        return Context.of(Waiting.class, waiting);
    }

    @Test
    void whatNobodyWaitsForIsNotSentAgain() {
        Waiting waiting = new Waiting();

        StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION).contextWrite(of(waiting)))
                .expectSubscription()
                .thenAwait(COMMAND_TIMEOUT.dividedBy(2))
                .then(waiting::end)
                .thenAwait(BUDGET)
                .verifyError(StoreUnavailableException.class);

        assertThat(sendings.get()).isEqualTo(1);
    }

    @Test
    void whoeverGoesInThePauseBetweenTwoSendingsHasTheSecondNotSent() {
        Waiting waiting = new Waiting();

        StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION).contextWrite(of(waiting)))
                .expectSubscription()
                .thenAwait(COMMAND_TIMEOUT.plusMillis(1))
                .then(waiting::end)
                .thenAwait(BUDGET)
                .verifyError(StoreUnavailableException.class);

        assertThat(sendings.get()).isEqualTo(1);
    }

    @Test
    void afterCallsWithoutAnAnswerNobodyWaits() {
        for (int i = 0; i < 2; i++) {
            StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION))
                    .thenAwait(BUDGET)
                    .verifyError(StoreUnavailableException.class);
        }
        int before = sendings.get();

        StepVerifier.create(store(Mono.never()).rotate(ROTATION)).verifyError(StoreUnavailableException.class);

        assertThat(sendings.get()).isEqualTo(before);
    }

    @Test
    void aRecordThatCannotBeReadIsNeitherAskedForAgainNorHeldAgainstTheStore() {
        for (int i = 0; i < 5; i++) {
            StepVerifier.create(store(Mono.error(new UnreadableRecordException("v2", new RuntimeException())))
                            .rotate(ROTATION))
                    .verifyError(UnreadableRecordException.class);
        }

        assertThat(sendings.get()).isEqualTo(5);
        assertThat(circuitBreaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void onlyRotationsThatMayHaveBeenCarriedOutAreMarked() {
        Mono<RotationOutcome> notDone = Mono.error(new NotDoneException("not sent", new RuntimeException()));
        StepVerifier.withVirtualTime(() -> store(notDone).rotate(ROTATION))
                .thenAwait(BUDGET)
                .verifyError(NotDoneException.class);
        int ofNotDone = marks.size();
        StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION))
                .thenAwait(BUDGET)
                .verifyError(StoreUnavailableException.class);
        int ofUnanswered = marks.size();

        circuitBreaker.transitionToOpenState();
        StepVerifier.create(store(Mono.never())
                        .rotate(new Rotation(ROTATION.session(), 1, AttemptId.random(), Policies.strict(), null)))
                .verifyError(NotDoneException.class);

        assertThat(ofNotDone).isZero();
        assertThat(ofUnanswered).isEqualTo(1);
        assertThat(marks.size()).isEqualTo(1);
    }

    @Test
    void requestThatFailsAfterItsClientHadTheAnswerInAnotherIsNotMarked() {
        Waiting left = new Waiting();
        Waiting back = left.again();
        left.end();

        StepVerifier.withVirtualTime(() -> store(Mono.never())
                        .rotate(ROTATION)
                        .contextWrite(of(left))
                        .materialize()
                        .zipWith(Mono.delay(COMMAND_TIMEOUT.dividedBy(2))
                                .then(store(Mono.just(new RotationOutcome.Expired()))
                                        .rotate(ROTATION)
                                        .contextWrite(of(back)))))
                .thenAwait(BUDGET)
                .expectNextCount(1)
                .verifyComplete();

        assertThat(marks.size()).isZero();
    }

    @Test
    void requestThatFailsWhileItsClientHasNoAnswerYetIsMarked() {
        Waiting left = new Waiting();
        Waiting back = left.again();
        left.end();
        StepVerifier.create(store(Mono.just(new RotationOutcome.Expired()))
                        .rotate(ROTATION)
                        .contextWrite(of(left)))
                .expectNextCount(1)
                .verifyComplete();

        StepVerifier.withVirtualTime(() -> store(Mono.never()).rotate(ROTATION).contextWrite(of(back)))
                .thenAwait(BUDGET)
                .verifyError(StoreUnavailableException.class);

        assertThat(marks.size()).isEqualTo(1);
    }

    @Test
    void whatWillBeRepeatedIsSentOnceAndNotHeldAgainstTheStore() {
        KeptCalls others = new KeptCalls(10, Duration.ofMinutes(10));
        others.keep("a rotation", store(Mono.never()).rotate(ROTATION), Instant.now());
        for (int i = 0; i < 5; i++) {
            StepVerifier.withVirtualTime(() -> others.repeat(Instant.now()))
                    .thenAwait(COMMAND_TIMEOUT)
                    .verifyComplete();
        }

        assertThat(sendings.get()).isEqualTo(5);
        assertThat(circuitBreaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void whoComesBackWhileTheStoreIsKnownToBeAwayIsStillToBeMarked() {
        marks.keep(ROTATION.attempt(), Mono.empty(), Instant.now());
        circuitBreaker.transitionToOpenState();

        StepVerifier.create(store(Mono.never()).rotate(ROTATION)).verifyError(NotDoneException.class);

        assertThat(marks.size()).isEqualTo(1);
    }

    @Test
    void aBugIsLeftAlone() {
        StepVerifier.create(store(Mono.error(new IllegalStateException("bug"))).rotate(ROTATION))
                .verifyError(IllegalStateException.class);

        assertThat(sendings.get()).isEqualTo(1);
    }

    /** A stand-in for a store in trouble; only rotations are asked of it. */
    private record EndingStore(Mono<RotationOutcome> ending) implements SessionStore {
        @Override
        public Mono<RotationOutcome> rotate(Rotation rotation) {
            return ending;
        }

        @Override
        public Mono<Successor> open(Opening opening) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<EndedSessions> revokeAll(
                SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<SessionLookup> find(SessionId session) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<List<SessionState>> list(SubjectRef subject) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
            throw new UnsupportedOperationException();
        }
    }
}
