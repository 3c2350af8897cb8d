package io.portcullis.edge;

import io.portcullis.edge.SessionEnder.Ending;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.SessionRef;
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
    private final SessionEnder ender;
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
            SessionEnder ender,
            SessionEvents events,
            ClientAddress clients,
            int bodyLimit,
            Duration patience) {
        super(EndSessionConfig.class);
        this.realms = realms;
        this.ender = ender;
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
        Function<ServerWebExchange, @Nullable Ending> ending = ending(realm, config.getWhose());
        if (!config.getSurplus().isEmpty()) {
            throw new IllegalArgumentException("EndSession has three arguments at most, and '" + config.getSurplus()
                    + "' is a fourth; write several values as status=a|b");
        }
        if (config.getWhen().isEmpty()) {
            // the request is read now: later filters may change it
            return (exchange, chain) ->
                    endings.after(chain, exchange, end(realm, ending.apply(exchange), client(exchange)));
        }
        BodyCondition condition = BodyCondition.parse(config.getWhen());
        return (exchange, chain) -> {
            TappedRequest request = new TappedRequest(exchange.getRequest(), bodyLimit);
            Supplier<@Nullable InetAddress> client = client(exchange);
            Mono<Void> end = end(realm, ending.apply(exchange), client);
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

    private Mono<Void> end(Realm realm, @Nullable Ending ending, Supplier<@Nullable InetAddress> client) {
        return ending == null ? Mono.empty() : ender.end(realm, ending, client);
    }

    /** What is to be ended for a request; null, where there is nothing. */
    private Function<ServerWebExchange, @Nullable Ending> ending(Realm realm, String whose) {
        if (whose.equals("session")) {
            return exchange -> bearer(exchange, realm) instanceof Verified bearer && bearer.session() != null
                    ? ender.of(new SessionRef(realm.name(), bearer.subject(), bearer.session()))
                    : null;
        }
        if (whose.equals("subject")) {
            return exchange ->
                    bearer(exchange, realm) instanceof Verified bearer ? ender.ofAll(realm, bearer.subject()) : null;
        }
        if (whose.matches("\\{\\w+}")) {
            String variable = whose.substring(1, whose.length() - 1);
            return exchange -> {
                String subject =
                        ServerWebExchangeUtils.getUriTemplateVariables(exchange).getOrDefault(variable, "");
                return subject.isBlank() ? null : ender.ofAll(realm, subject);
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
}
