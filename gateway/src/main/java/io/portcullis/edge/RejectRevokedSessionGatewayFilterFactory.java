package io.portcullis.edge;

import io.portcullis.operations.RevocationMetrics;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code RejectRevokedSession} or {@code RejectRevokedSession=status,error}: a request with an access token of a revoked
 * session is not forwarded, whichever token it is and however long it would have lived. Upgrades to WebSocket are requests
 * like any other. Routes that forward nothing are left alone: what they answer is not the access token's to say.
 */
public final class RejectRevokedSessionGatewayFilterFactory
        extends AbstractGatewayFilterFactory<RejectRevokedSessionConfig> {
    /** Before the filters that look at or rewrite the answer: there is none of a backend. */
    private static final int ORDER = NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER - 2;

    private static final String FORWARDS_NOTHING = "no";

    private final RevokedSessions revoked;
    private final BearerTokens tokens;
    private final @Nullable Duration unknownAfter;
    private final RevocationMetrics metrics;
    private final InstantSource clock;

    /**
     * The filter.
     *
     * @param tokens where requests carry access tokens
     * @param unknownAfter how long after its last contact with the announcements a replica refuses requests whose tokens name
     *     a session; null if it never does
     */
    public RejectRevokedSessionGatewayFilterFactory(
            RevokedSessions revoked,
            BearerTokens tokens,
            @Nullable Duration unknownAfter,
            RevocationMetrics metrics,
            InstantSource clock) {
        super(RejectRevokedSessionConfig.class);
        this.revoked = revoked;
        this.tokens = tokens;
        this.unknownAfter = unknownAfter;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("status", "error");
    }

    @Override
    public GatewayFilter apply(RejectRevokedSessionConfig config) {
        HttpStatus status = HttpStatus.resolve(config.getStatus());
        if (status == null || !status.is4xxClientError()) {
            throw new IllegalArgumentException(
                    "RejectRevokedSession answers with a status of the class 4xx, not " + config.getStatus());
        }
        String error = config.getError();
        return new OrderedGatewayFilter((exchange, chain) -> filter(exchange, chain, status, error), ORDER);
    }

    private Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain, HttpStatus status, String error) {
        boolean unknown = isUnknown();
        if ((!unknown && revoked.isEmpty()) || !isForwarded(exchange)) {
            return chain.filter(exchange);
        }
        List<SessionId> sessions = tokens.sessions(exchange.getRequest());
        if (sessions.isEmpty()) {
            return chain.filter(exchange);
        }
        Instant now = clock.instant();
        for (SessionId session : sessions) {
            String realm = revoked.realmOf(session, now);
            if (realm != null) {
                metrics.refused(realm);
                return JsonAnswer.error(status, error).to(exchange);
            }
        }
        if (unknown) {
            metrics.refusedUnknown();
            return JsonAnswer.unavailable().to(exchange);
        }
        return chain.filter(exchange);
    }

    private boolean isUnknown() {
        return unknownAfter != null && !revoked.isComplete(clock.instant(), unknownAfter);
    }

    private static boolean isForwarded(ServerWebExchange exchange) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        return route == null || !FORWARDS_NOTHING.equals(route.getUri().getScheme());
    }
}
