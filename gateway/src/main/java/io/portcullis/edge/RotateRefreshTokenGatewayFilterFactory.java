package io.portcullis.edge;

import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code RotateRefreshToken}: the route's requests are answered by the gateway as refresh requests and go nowhere else.
 */
public final class RotateRefreshTokenGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    private final RefreshEndpoint endpoint;

    public RotateRefreshTokenGatewayFilterFactory(RefreshEndpoint endpoint) {
        super(Object.class);
        this.endpoint = endpoint;
    }

    @Override
    public GatewayFilter apply(Object unused) {
        return (exchange, chain) -> endpoint.handle(exchange);
    }
}
