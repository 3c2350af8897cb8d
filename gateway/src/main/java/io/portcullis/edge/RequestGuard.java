package io.portcullis.edge;

import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Looks at a request before anything is done for it. All of them are asked by the {@link GuardFilter}. */
public sealed interface RequestGuard permits HostGuard, MethodGuard, OverloadGuard, PathGuard, TransferCodingGuard {
    /**
     * The answer to a request that goes no further, null for one that does. Whoever asks, on the request's loop, gives the answer: its
     * status and headers are set already.
     */
    @Nullable
    Mono<Void> refusal(ServerWebExchange exchange);
}
