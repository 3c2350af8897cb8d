package io.portcullis.edge;

import io.portcullis.operations.SessionEvents;
import io.portcullis.session.AttemptId;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import io.portcullis.token.AccessTokenCheck;
import io.portcullis.token.AccessTokenCheck.Verified;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code EndSession=realm}, {@code EndSession=realm,subject} or {@code EndSession=realm,{variable}}: once the backend has
 * answered 2xx, the bearer's session, all sessions of the bearer's subject, or all of the subject that the path names are
 * revoked, before the client sees the answer, and even if it has left. With a condition, {@code EndSession=realm,{variable},status=suspended}, only
 * where the request's JSON body says so; a body that cannot be read ends them all the same, since the backend may have read
 * it.
 */
public final class EndSessionGatewayFilterFactory extends AbstractGatewayFilterFactory<EndSessionConfig> {
    private static final String BEARER = "bearer ";

    private final Realms realms;
    private final SessionStore store;
    private final SessionEvents events;
    private final ClientAddress clients;
    private final int bodyLimit;
    private final Endings endings;

    /**
     * The filter.
     *
     * @param bodyLimit how many bytes of a request are read for a condition
     * @param patience how long a backend may still take to answer when its client has left
     */
    public EndSessionGatewayFilterFactory(
            Realms realms,
            SessionStore store,
            SessionEvents events,
            ClientAddress clients,
            int bodyLimit,
            Duration patience) {
        super(EndSessionConfig.class);
        this.realms = realms;
        this.store = store;
        this.events = events;
        this.clients = clients;
        this.bodyLimit = bodyLimit;
        this.endings = new Endings(patience);
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("realm", "whose", "when", "surplus");
    }

    @Override
    public GatewayFilter apply(EndSessionConfig config) {
        Realm realm = realms.get(config.getRealm());
        Function<ServerWebExchange, Mono<Void>> ending = ending(realm, config.getWhose());
        if (!config.getSurplus().isEmpty()) {
            throw new IllegalArgumentException("EndSession has three arguments at most, and '" + config.getSurplus()
                    + "' is a fourth; write several values as status=a|b");
        }
        if (config.getWhen().isEmpty()) {
            // the request is read now: later filters may change it
            return (exchange, chain) ->
                    endings.after(chain, exchange, told(realm, ending.apply(exchange), client(exchange)));
        }
        BodyCondition condition = BodyCondition.parse(config.getWhen());
        return (exchange, chain) -> {
            TappedRequest request = new TappedRequest(exchange.getRequest(), bodyLimit);
            Mono<Void> end = told(realm, ending.apply(exchange), client(exchange));
            Supplier<@Nullable InetAddress> client = client(exchange);
            return endings.after(
                    chain,
                    exchange.mutate().request(request).build(),
                    Mono.defer(() -> isDue(realm, condition, request, client) ? end : Mono.empty()));
        };
    }

    private boolean isDue(
            Realm realm, BodyCondition condition, TappedRequest request, Supplier<@Nullable InetAddress> client) {
        return switch (condition.judge(request.passed())) {
            case MET -> true;
            case NOT_MET -> false;
            case UNREADABLE -> {
                events.endedUnread(realm.name(), condition.toString(), client);
                yield true;
            }
        };
    }

    /** What is to be done for a request; nothing, where there is nothing to end. */
    private Function<ServerWebExchange, Mono<Void>> ending(Realm realm, String whose) {
        if (whose.equals("session")) {
            return exchange -> bearer(exchange, realm) instanceof Verified bearer && bearer.session() != null
                    ? endSession(new SessionRef(realm.name(), bearer.subject(), bearer.session()), client(exchange))
                    : Mono.empty();
        }
        if (whose.equals("subject")) {
            return exchange -> bearer(exchange, realm) instanceof Verified bearer
                    ? endAll(realm, bearer.subject(), client(exchange))
                    : Mono.empty();
        }
        if (whose.matches("\\{\\w+}")) {
            String variable = whose.substring(1, whose.length() - 1);
            return exchange -> {
                String subject =
                        ServerWebExchangeUtils.getUriTemplateVariables(exchange).getOrDefault(variable, "");
                return subject.isBlank() ? Mono.empty() : endAll(realm, subject, client(exchange));
            };
        }
        throw new IllegalArgumentException(
                "EndSession ends 'session', 'subject' or '{variable of the path}', not '" + whose + "'");
    }

    private static AccessTokenCheck bearer(ServerWebExchange exchange, Realm realm) {
        String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        return header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? AccessTokenCheck.Unverified.MALFORMED
                : realm.accessTokens().verify(header.substring(BEARER.length()).trim());
    }

    private Supplier<@Nullable InetAddress> client(ServerWebExchange exchange) {
        return () -> clients.of(exchange);
    }

    private Mono<Void> endSession(SessionRef session, Supplier<@Nullable InetAddress> client) {
        return Mono.defer(() -> store.revoke(session, RevocationReason.LOGOUT, AttemptId.random()))
                .doOnNext(revocation -> events.ended(session, revocation, RevocationReason.LOGOUT, client))
                .then();
    }

    private Mono<Void> endAll(Realm realm, String name, Supplier<@Nullable InetAddress> client) {
        SubjectRef subject = new SubjectRef(realm.name(), name);
        return Mono.defer(() -> store.revokeAll(subject, RevocationReason.SUBJECT, realm.policy(), AttemptId.random()))
                .doOnNext(ended -> events.allEnded(subject, ended, RevocationReason.SUBJECT, client))
                .then();
    }

    private Mono<Void> told(Realm realm, Mono<Void> end, Supplier<@Nullable InetAddress> client) {
        return end.onErrorResume(StoreUnavailableException.class, e -> {
            events.notEnded(realm.name(), client);
            return Mono.empty();
        });
    }
}
