package io.portcullis.edge;

import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;

/** A refresh request that is being decided, whoever waits for it. */
final class RefreshExchange {
    private final CompletableFuture<RefreshOutcome> decision;
    private final Runnable abandon;

    private RefreshExchange(CompletableFuture<RefreshOutcome> decision, Runnable abandon) {
        this.decision = decision;
        this.abandon = abandon;
    }

    /**
     * Begins at once.
     *
     * @param abandon what is to be done if the client goes away before it is decided
     */
    static RefreshExchange begin(Mono<RefreshOutcome> decision, Runnable abandon) {
        return new RefreshExchange(decision.toFuture(), abandon);
    }

    /** What came of it; whoever stops waiting does not stop it. */
    Mono<RefreshOutcome> decision() {
        boolean goesOnWhenNobodyWaits = true;
        return Mono.fromFuture(decision, goesOnWhenNobodyWaits);
    }

    void clientIsGone() {
        if (!decision.isDone()) {
            abandon.run();
        }
    }
}
