package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.cloud.gateway.config.GatewayMetricsProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayMetricsFilter;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.support.tagsprovider.GatewayHttpTagsProvider;
import org.springframework.cloud.gateway.support.tagsprovider.GatewayTagsProvider;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.http.HttpStatus;

/** Where refreshes are answered without Spring, and where it has more to do with them. */
class ShortcutConfigurationTest {
    private static final String PATH = "/api/auth/refresh";
    /** As application.yml has it. */
    private static final String OFF = "management.observations.enable[http.server.requests]";

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final StaticListableBeanFactory beans = new StaticListableBeanFactory();

    private ShortcutConfiguration.Paths paths(Map<String, Object> set) {
        RouteDefinition refresh = new RouteDefinition();
        refresh.setId("refresh");
        refresh.setUri(URI.create("no://op"));
        refresh.setPredicates(List.of(new PredicateDefinition("Path=" + PATH)));
        refresh.setFilters(List.of(new FilterDefinition("RotateRefreshToken")));
        GatewayProperties gateway = new GatewayProperties();
        gateway.setRoutes(List.of(refresh));
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("defaults", Map.of(OFF, "false")));
        environment.getPropertySources().addFirst(new MapPropertySource("set", set));
        ConfigurationPropertySources.attach(environment);
        return new ShortcutConfiguration()
                .pathsOfTheShortcut(
                        gateway,
                        new GlobalCorsProperties(),
                        meters,
                        new GatewayMetricsProperties(),
                        beans.getBeanProvider(GatewayMetricsFilter.class),
                        beans.getBeanProvider(GatewayTagsProvider.class),
                        environment);
    }

    @Test
    void aPlainRouteHasOneAndIsCountedAsSpringCloudGatewayCountsIt() {
        beans.addBean("metrics", new GatewayMetricsFilter(meters, List.of(), "mine."));

        paths(Map.of()).counted().get(PATH).count(HttpStatus.OK, 1);

        assertThat(meters.get("mine.requests")
                        .tags("routeId", "refresh", "httpStatusCode", "200", "status", "OK", "outcome", "SUCCESSFUL")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void nothingIsCountedWhereSpringCloudGatewayDoesNot() {
        paths(Map.of()).counted().get(PATH).count(HttpStatus.OK, 1);

        assertThat(meters.getMeters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "management.observations.enable.http.server.requests",
                "management.observations.enable[http.server.requests]"
            })
    void thereIsNoneWhereSpringBootIsToTimeAllRequests(String property) {
        assertThat(paths(Map.of(property, "true")).counted()).isEmpty();
    }

    @Test
    void thereIsNoneWhereTagsAreMadeOfTheExchange() {
        beans.addBean("known", new GatewayHttpTagsProvider());
        assertThat(paths(Map.of()).counted()).containsOnlyKeys(PATH);

        beans.addBean("another", (GatewayTagsProvider) exchange -> Tags.empty());
        assertThat(paths(Map.of()).counted()).isEmpty();
    }
}
