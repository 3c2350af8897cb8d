package io.portcullis.edge;

import java.net.InetSocketAddress;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Spring Cloud Gateway's routing, with CORS preflights routed like any request, so that backends answer them.
 * Spring's {@code DispatcherHandler} only looks a preflight's handler up and never calls it, in the belief that the
 * lookup answers where CORS is configured; elsewhere the client gets an empty 200, and no backend is ever asked. So
 * it does answer here. And what the management port does not have is routed nowhere, also where that port is any free one.
 */
public final class PreflightRouting extends RoutePredicateHandlerMapping
        implements ApplicationListener<RefreshRoutesResultEvent> {
    private final FilteringWebHandler handler;
    private final Environment environment;
    private final boolean managementPortIsAnyFree;
    private final RouteTable table;

    public PreflightRouting(
            FilteringWebHandler handler, RouteLocator routes, GlobalCorsProperties cors, Environment environment) {
        super(handler, routes, cors, environment);
        this.handler = handler;
        this.environment = environment;
        this.managementPortIsAnyFree = "0".equals(environment.getProperty("management.server.port"));
        this.table = new RouteTable(routes);
    }

    @Override
    public Mono<Object> getHandler(ServerWebExchange exchange) {
        if (!CorsUtils.isPreFlightRequest(exchange.getRequest()) || hasCorsConfigurationSource(handler)) {
            return super.getHandler(exchange);
        }
        return getHandlerInternal(exchange)
                .flatMap(found -> handler.handle(exchange).thenReturn(found));
    }

    @Override
    public void onApplicationEvent(RefreshRoutesResultEvent refreshed) {
        if (refreshed.isSuccess()) {
            table.refresh();
        }
    }

    @Override
    protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
        return table.first(exchange, super::lookupRoute);
    }

    @Override
    protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
        return managementPortIsAnyFree && isManagement(exchange) ? Mono.empty() : super.getHandlerInternal(exchange);
    }

    /** Spring Cloud Gateway compares with the port that is configured. */
    private boolean isManagement(ServerWebExchange exchange) {
        InetSocketAddress local = exchange.getRequest().getLocalAddress();
        Integer management = environment.getProperty("local.management.port", Integer.class);
        return local != null && management != null && local.getPort() == management;
    }
}
