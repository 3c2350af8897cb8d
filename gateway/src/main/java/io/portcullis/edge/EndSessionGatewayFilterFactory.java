package io.portcullis.edge;

import io.portcullis.operations.SessionMetrics;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.token.AccessTokenCheck;
import io.portcullis.token.AccessTokenCheck.Verified;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code EndSession=realm}: once the backend has answered 2xx, the session that the bearer's {@code sid} names is revoked,
 * before the client sees the answer.
 */
public final class EndSessionGatewayFilterFactory extends AbstractGatewayFilterFactory<RealmName> {
    private static final Logger log = LoggerFactory.getLogger(EndSessionGatewayFilterFactory.class);
    private static final String BEARER = "bearer ";

    private final Realms realms;
    private final SessionStore store;
    private final SessionMetrics metrics;

    public EndSessionGatewayFilterFactory(Realms realms, SessionStore store, SessionMetrics metrics) {
        super(RealmName.class);
        this.realms = realms;
        this.store = store;
        this.metrics = metrics;
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("realm");
    }

    @Override
    public GatewayFilter apply(RealmName config) {
        Realm realm = realms.get(config.getRealm());
        return (exchange, chain) -> {
            SessionRef session = bearersSession(exchange, realm);
            if (session != null) {
                exchange.getResponse().beforeCommit(() -> succeeded(exchange) ? end(session) : Mono.empty());
            }
            return chain.filter(exchange);
        };
    }

    private static @Nullable SessionRef bearersSession(ServerWebExchange exchange, Realm realm) {
        String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        AccessTokenCheck check =
                realm.accessTokens().verify(header.substring(BEARER.length()).trim());
        return check instanceof Verified verified && verified.session() != null
                ? new SessionRef(realm.name(), verified.subject(), verified.session())
                : null;
    }

    private static boolean succeeded(ServerWebExchange exchange) {
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        return status != null && status.is2xxSuccessful();
    }

    private Mono<Void> end(SessionRef session) {
        return store.revoke(session, RevocationReason.LOGOUT)
                .doOnNext(revocation -> metrics.ended(session.realm(), word(revocation)))
                .onErrorResume(StoreUnavailableException.class, e -> {
                    metrics.ended(session.realm(), "unavailable");
                    log.error("A session was logged out at its backend and could not be revoked: {}", session, e);
                    return Mono.empty();
                })
                .then();
    }

    private static String word(Revocation revocation) {
        return revocation.name().toLowerCase(Locale.ROOT);
    }
}
