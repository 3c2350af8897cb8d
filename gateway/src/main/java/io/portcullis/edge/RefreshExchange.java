package io.portcullis.edge;

import io.portcullis.edge.AbandonedAttempts.Abandoned;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A refresh request that is being decided, whoever waits for it. */
final class RefreshExchange {
    private final CompletableFuture<RefreshOutcome> decision;
    private final @Nullable Supplier<Abandoned> abandon;

    private RefreshExchange(CompletableFuture<RefreshOutcome> decision, @Nullable Supplier<Abandoned> abandon) {
        this.decision = decision;
        this.abandon = abandon;
    }

    /** One that was decided without the store. */
    static RefreshExchange decided(RefreshOutcome outcome) {
        return new RefreshExchange(CompletableFuture.completedFuture(outcome), null);
    }

    /**
     * Begins at once.
     *
     * @param abandon what is to be done if the client goes away before it is decided
     */
    static RefreshExchange begin(Mono<RefreshOutcome> decision, Supplier<Abandoned> abandon) {
        return new RefreshExchange(decision.toFuture(), abandon);
    }

    /** What came of it; whoever stops waiting does not stop it. */
    Mono<RefreshOutcome> decision() {
        boolean goesOnWhenNobodyWaits = true;
        return Mono.fromFuture(decision, goesOnWhenNobodyWaits);
    }

    /** What came of it and reaches nobody, for a client that is gone; empty if the client has come back for it. */
    Mono<RefreshOutcome> decisionForNobody() {
        if (abandon == null || decision.isDone()) {
            return decision();
        }
        Abandoned attempt = abandon.get();
        return decision().filter(outcome -> !attempt.isContinued());
    }
}
