package io.portcullis;

import io.portcullis.configuration.ForwardedProperties;
import io.portcullis.configuration.ForwardedProperties.SentHeaders;
import io.portcullis.configuration.ForwardedProperties.TrustedHeaders;
import io.portcullis.configuration.InvalidConfigurationException;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RealmProperties.AdoptionProperties;
import io.portcullis.edge.BackendFailures;
import io.portcullis.edge.ClientAddress;
import io.portcullis.edge.ClientHeadersFilter;
import io.portcullis.edge.CorsFilter;
import io.portcullis.edge.EndSessionGatewayFilterFactory;
import io.portcullis.edge.OpenSessionGatewayFilterFactory;
import io.portcullis.edge.PathGuard;
import io.portcullis.edge.PreflightRouting;
import io.portcullis.edge.ReadableCodings;
import io.portcullis.edge.Realm;
import io.portcullis.edge.Realms;
import io.portcullis.edge.RefreshEndpoint;
import io.portcullis.edge.RefreshLane;
import io.portcullis.edge.RefreshLimits;
import io.portcullis.edge.RefreshTokenGrant;
import io.portcullis.edge.RotateRefreshTokenGatewayFilterFactory;
import io.portcullis.edge.ServeFileGatewayFilterFactory;
import io.portcullis.edge.SessionEnder;
import io.portcullis.edge.SessionOpener;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.SessionStore;
import io.portcullis.token.AccessTokenCodec;
import io.portcullis.token.AdoptionCodec;
import io.portcullis.token.CurrentKeys;
import io.portcullis.token.RefreshTokenCodec;
import io.portcullis.token.RequiredClaims;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.GatewayMetricsFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/** The wiring: what is made of what. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PortcullisProperties.class)
class PortcullisConfiguration {
    static final InstantSource CLOCK = InstantSource.system();

    @Bean
    Realms realms(PortcullisProperties properties, CurrentKeys keys) {
        Map<String, Realm> realms = new HashMap<>();
        properties.realms().forEach((name, values) -> {
            AccessTokenCodec accessTokens =
                    new AccessTokenCodec(name, keys.accessTokens(name), properties.clockSkew(), CLOCK);
            AdoptionCodec adoption = values.adoption().mode() == AdoptionProperties.Mode.VERIFY
                    ? new AdoptionCodec(
                            name,
                            keys.adoption(name),
                            new RequiredClaims(values.adoption().requiredClaims()),
                            properties.clockSkew(),
                            CLOCK)
                    : null;
            realms.put(name, new Realm(name, values.policy(), accessTokens, adoption));
        });
        return new Realms(realms);
    }

    @Bean
    RefreshEndpoint refreshEndpoint(
            RefreshTokenGrant grant,
            SessionStore store,
            SessionEvents events,
            ClientAddress clients,
            RefreshLimits limits,
            PortcullisProperties properties) {
        return new RefreshEndpoint(
                grant,
                store,
                events,
                clients,
                limits,
                Math.toIntExact(properties.refresh().bodyLimit().toBytes()),
                properties.refresh().bodyTimeout());
    }

    @Bean
    RotateRefreshTokenGatewayFilterFactory rotateRefreshToken(RefreshEndpoint endpoint) {
        return new RotateRefreshTokenGatewayFilterFactory(endpoint);
    }

    /** Where {@code spring.cloud.gateway.server.webflux.metrics.enabled} is not false, its requests are counted. */
    @Bean
    RefreshLane refreshLane(
            RefreshEndpoint endpoint,
            GatewayProperties gateway,
            GlobalCorsProperties cors,
            ObjectProvider<GatewayMetricsFilter> metrics,
            ApplicationContext context) {
        GatewayMetricsFilter counting = metrics.getIfAvailable();
        return new RefreshLane(
                RefreshRoutes.alone(gateway, cors),
                RefreshRoutes.preservesHost(gateway),
                counting == null ? (exchange, chain) -> chain.filter(exchange) : counting,
                endpoint,
                context);
    }

    @Bean
    OpenSessionGatewayFilterFactory openSession(
            Realms realms,
            RefreshTokenCodec refreshTokens,
            SessionStore store,
            SessionEvents events,
            ClientAddress clients,
            PortcullisProperties properties) {
        int bodyLimit = Math.toIntExact(properties.openSession().bodyLimit().toBytes());
        return new OpenSessionGatewayFilterFactory(
                realms,
                new SessionOpener(
                        refreshTokens,
                        store,
                        events,
                        bodyLimit,
                        Math.toIntExact(properties.refresh().bodyLimit().toBytes())),
                clients,
                ReadableCodings.ofThisPlatform(),
                properties.leaving());
    }

    @Bean
    EndSessionGatewayFilterFactory endSession(
            Realms realms,
            SessionStore store,
            SessionEvents events,
            @Qualifier(KeptCallsConfiguration.ENDINGS) KeptCalls unanswered,
            ClientAddress clients,
            PortcullisProperties properties) {
        int bodyLimit = Math.toIntExact(properties.endSession().bodyLimit().toBytes());
        return new EndSessionGatewayFilterFactory(
                realms,
                new SessionEnder(store, events, unanswered, CLOCK),
                events,
                clients,
                bodyLimit,
                properties.endSession().patience());
    }

    @Bean
    BackendFailures backendFailures() {
        return new BackendFailures();
    }

    @Bean
    ServeFileGatewayFilterFactory serveFile() {
        return new ServeFileGatewayFilterFactory();
    }

    /** Spring Cloud Gateway would say it in the log and start without the routes. */
    @Bean
    SmartInitializingSingleton routesAreUsable(RouteLocator routes) {
        return () -> {
            try {
                routes.getRoutes().collectList().block();
            } catch (IllegalArgumentException | IllegalStateException | BindException e) {
                throw new InvalidConfigurationException(List.of("spring.cloud.gateway.server.webflux.routes: "
                        + NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
            }
        };
    }

    @Bean
    ClientAddress clientAddress(PortcullisProperties properties) {
        ForwardedProperties forwarded = properties.forwarded();
        return new ClientAddress(forwarded.trusted(), forwarded.trustedHeaders() == TrustedHeaders.FORWARDED);
    }

    @Bean
    ClientHeadersFilter clientHeaders(ClientAddress clients, PortcullisProperties properties) {
        SentHeaders headers = properties.forwarded().headers();
        return new ClientHeadersFilter(clients, headers.xForwarded(), headers.forwarded());
    }

    @Bean
    CorsFilter cors(PortcullisProperties properties, ApplicationContext context) {
        return new CorsFilter(properties.cors().configuration(), context);
    }

    @Bean
    PreflightRouting routePredicateHandlerMapping(
            FilteringWebHandler webHandler, RouteLocator routes, GlobalCorsProperties cors, Environment environment) {
        return new PreflightRouting(webHandler, routes, cors, environment);
    }

    @Bean
    PathGuard pathGuard(GatewayProperties gateway) {
        Set<String> paths = RefreshRoutes.paths(gateway.getRoutes());
        try {
            return new PathGuard(paths);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException(
                    List.of("a route with RotateRefreshToken cannot be guarded: " + e.getMessage()));
        }
    }
}
