package io.portcullis.operations;

import io.portcullis.session.RevocationReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Somebody who uses the management port, as the security in front of it let them in.
 *
 * @param name by which they authenticated; {@code nobody} where nothing is configured and the gateway's own machine calls
 * @param address from where
 */
record Operator(String name, @Nullable InetAddress address) {
    private static final String NOBODY = "nobody";

    /** Whoever makes the request that is being answered; an error for one that did not come through the security. */
    static Mono<Operator> current() {
        return Mono.deferContextual(context -> {
            ServerWebExchange exchange = ServerWebExchangeContextFilter.getExchange(context)
                    .orElseThrow(() -> new IllegalStateException("not through the security of the management port"));
            return exchange.getPrincipal()
                    .map(Principal::getName)
                    .defaultIfEmpty(NOBODY)
                    .map(name -> new Operator(name, addressOf(exchange)));
        });
    }

    static @Nullable InetAddress addressOf(ServerWebExchange exchange) {
        InetSocketAddress remote = exchange.getRequest().getRemoteAddress();
        return remote == null ? null : remote.getAddress();
    }

    EndingCause cause() {
        return new EndingCause(RevocationReason.ADMIN, name, () -> address);
    }
}
