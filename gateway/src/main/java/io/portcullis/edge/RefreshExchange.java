package io.portcullis.edge;

import io.portcullis.edge.AbandonedAttempts.Abandoned;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Waiting;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A refresh request that is being decided, whoever waits for it. */
final class RefreshExchange {
    /** Clients give up after 3 s. */
    private static final Duration ANSWERED_WITHIN = Duration.ofMillis(2500);

    private final CompletableFuture<RefreshOutcome> decision;
    private final @Nullable Supplier<Abandoned> abandon;
    private final boolean mayBeLate;
    private final Waiting waiting;

    private RefreshExchange(
            CompletableFuture<RefreshOutcome> decision,
            @Nullable Supplier<Abandoned> abandon,
            boolean mayBeLate,
            Waiting waiting) {
        this.decision = decision;
        this.abandon = abandon;
        this.mayBeLate = mayBeLate;
        this.waiting = waiting;
    }

    /** One that was decided without the store. */
    static RefreshExchange decided(RefreshOutcome outcome) {
        return new RefreshExchange(CompletableFuture.completedFuture(outcome), null, false, new Waiting());
    }

    /**
     * One that is under way.
     *
     * @param abandon what is to be done if the client goes away before it is decided
     * @param waiting for the decision
     */
    static RefreshExchange begun(
            CompletableFuture<RefreshOutcome> decision, Supplier<Abandoned> abandon, Waiting waiting) {
        return new RefreshExchange(decision, abandon, false, waiting);
    }

    /** Begins one at once that others than the store have a part in, and that may take longer than a client waits. */
    static RefreshExchange beginLong(Mono<RefreshOutcome> decision, Supplier<Abandoned> abandon, Waiting waiting) {
        return new RefreshExchange(decision.toFuture(), abandon, true, waiting);
    }

    /**
     * What came of it; whoever stops waiting does not stop it. Errors with {@link StoreUnavailableException}, also where it
     * takes longer than its client waits.
     *
     * @param late what is to be done then
     */
    Mono<RefreshOutcome> decision(Runnable late) {
        return mayBeLate
                ? outcome().timeout(ANSWERED_WITHIN).onErrorMap(TimeoutException.class, e -> {
                    late.run();
                    return new StoreUnavailableException("not decided yet", e);
                })
                : outcome();
    }

    /** What came of it and reaches nobody, for a client that is gone; empty if the client has come back for it. */
    Mono<RefreshOutcome> decisionForNobody() {
        if (abandon == null || decision.isDone()) {
            return outcome();
        }
        Abandoned attempt = abandon.get();
        return outcome().filter(outcome -> !attempt.isContinued());
    }

    /** Its client has not had the answer, and continues it when it comes back. */
    void abandon() {
        if (abandon != null) {
            var unused = abandon.get();
        }
    }

    /** Its answer was handed to the connection. */
    void delivered() {
        waiting.settled();
    }

    private Mono<RefreshOutcome> outcome() {
        boolean goesOnWhenNobodyWaits = true;
        return Mono.fromFuture(decision, goesOnWhenNobodyWaits);
    }
}
