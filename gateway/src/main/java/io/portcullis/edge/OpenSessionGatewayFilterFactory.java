package io.portcullis.edge;

import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/** {@code OpenSession=realm}: an answer of the route that carries both tokens, as JSON or in a redirect, opens a session in
 * the realm. */
public final class OpenSessionGatewayFilterFactory extends AbstractGatewayFilterFactory<RealmName> {
    private final Realms realms;
    private final SessionOpener opener;
    private final ClientAddress clients;
    private final ReadableCodings codings;
    private final boolean isLeaving;

    /** @param isLeaving whether it opens none any more: every answer passes as it is */
    public OpenSessionGatewayFilterFactory(
            Realms realms, SessionOpener opener, ClientAddress clients, ReadableCodings codings, boolean isLeaving) {
        super(RealmName.class);
        this.realms = realms;
        this.opener = opener;
        this.clients = clients;
        this.codings = codings;
        this.isLeaving = isLeaving;
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("realm");
    }

    @Override
    public GatewayFilter apply(RealmName config) {
        Realm realm = realms.get(config.getRealm());
        if (isLeaving) {
            return (exchange, chain) -> chain.filter(exchange);
        }
        GatewayFilter filter = (exchange, chain) -> chain.filter(exchange.mutate()
                .request(request -> request.headers(codings::restrict))
                .response(new IssuingResponse(exchange, realm, opener, () -> clients.of(exchange), codings))
                .build());
        // the response must be ours before NettyWriteResponseFilter takes it to write to
        return new OrderedGatewayFilter(filter, NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER - 1);
    }
}
