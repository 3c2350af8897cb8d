package io.portcullis.edge;

import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * The guards, one after the other, behind the filters that only watch (CORS, traces, connections that are to be closed) and in
 * front of all others. One filter, since each is some reactive operators to Spring, and the guards' own work is next to nothing.
 */
public final class GuardFilter implements WebFilter, Ordered {
    private final List<RequestGuard> guards;

    /** @param guards in the order in which they are asked; the first refusal is the answer */
    public GuardFilter(List<RequestGuard> guards) {
        this.guards = List.copyOf(guards);
    }

    @Override
    public int getOrder() {
        return CorsFilter.ORDER + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        for (RequestGuard guard : guards) {
            Mono<Void> refusal = guard.refusal(exchange);
            if (refusal != null) {
                return refusal;
            }
        }
        return chain.filter(exchange);
    }
}
