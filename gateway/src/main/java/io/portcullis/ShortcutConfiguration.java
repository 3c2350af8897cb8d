package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.edge.ClientAddress;
import io.portcullis.edge.ConnectionDrain;
import io.portcullis.edge.CorsFilter;
import io.portcullis.edge.OverloadGuard;
import io.portcullis.edge.RefreshEndpoint;
import io.portcullis.edge.RefreshLane;
import io.portcullis.edge.RefreshLimits;
import io.portcullis.edge.RefreshShortcut;
import io.portcullis.edge.RefreshShortcut.Ends;
import io.portcullis.edge.RefreshTokenGrant;
import io.portcullis.edge.TraceFilter;
import io.portcullis.operations.RoutedRequests;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.cloud.gateway.config.GatewayMetricsProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.GatewayMetricsFilter;
import org.springframework.cloud.gateway.support.tagsprovider.GatewayHttpTagsProvider;
import org.springframework.cloud.gateway.support.tagsprovider.GatewayRouteTagsProvider;
import org.springframework.cloud.gateway.support.tagsprovider.GatewayTagsProvider;
import org.springframework.cloud.gateway.support.tagsprovider.PropertiesTagsProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Which refreshes are answered without Spring: none, where it would do more with them than answer. */
@Configuration(proxyBeanMethods = false)
class ShortcutConfiguration {
    /** Spring Boot's own timer of all requests, which the gateway has off. */
    private static final String OBSERVED = "http.server.requests";

    private static final Set<Class<?>> KNOWN_TAGS =
            Set.of(GatewayHttpTagsProvider.class, GatewayRouteTagsProvider.class, PropertiesTagsProvider.class);

    /** @param counted those who count the requests of a path */
    record Paths(Map<String, RoutedRequests> counted) {}

    /** For the public server: the management server is made by another context, which does not look here. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> refreshShortcut(
            Paths paths,
            Ends ends,
            OverloadGuard overload,
            RefreshEndpoint endpoint,
            RefreshTokenGrant grant,
            PortcullisProperties properties,
            ObjectProvider<TraceFilter> traces) {
        if (paths.counted().isEmpty()
                || grant.asksBackends()
                || traces.stream().findAny().isPresent()) {
            return factory -> {};
        }
        int bodyLimit = Math.toIntExact(properties.refresh().bodyLimit().toBytes());
        RefreshShortcut shortcut = new RefreshShortcut(paths.counted(), bodyLimit, endpoint, overload, ends);
        return factory -> factory.addRouteProviders(shortcut::addTo);
    }

    @Bean
    Ends endsOfTheShortcut(ClientAddress clients, RefreshLimits limits, CorsFilter cors, ConnectionDrain drain) {
        return new Ends(clients, limits, cors, drain);
    }

    @Bean
    Paths pathsOfTheShortcut(
            GatewayProperties gateway,
            GlobalCorsProperties cors,
            MeterRegistry registry,
            GatewayMetricsProperties metrics,
            ObjectProvider<GatewayMetricsFilter> counting,
            ObjectProvider<GatewayTagsProvider> tags,
            Environment environment) {
        Map<String, RoutedRequests> counted = new HashMap<>();
        if (isObserved(environment) || !tags.stream().allMatch(provider -> KNOWN_TAGS.contains(provider.getClass()))) {
            return new Paths(counted);
        }
        GatewayMetricsFilter routed = counting.getIfAvailable();
        // one without registries counts nothing
        MeterRegistry counters = routed == null ? new CompositeMeterRegistry() : registry;
        String prefix = routed == null ? metrics.getPrefix() : routed.getMetricsPrefix();
        RefreshRoutes.alone(gateway, cors)
                .forEach((path, route) -> counted.put(
                        path, new RoutedRequests(counters, prefix, route, RefreshLane.URI, "POST", metrics.getTags())));
        return new Paths(counted);
    }

    /** However the property is written. Of several the longest name decides, and that is this one: the gateway has set it. */
    private static boolean isObserved(Environment environment) {
        Map<String, Boolean> enabled = Binder.get(environment)
                .bind("management.observations.enable", Bindable.mapOf(String.class, Boolean.class))
                .orElse(Map.of());
        return enabled.getOrDefault(OBSERVED, true);
    }
}
