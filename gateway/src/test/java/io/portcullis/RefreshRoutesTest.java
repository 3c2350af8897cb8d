package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.web.cors.CorsConfiguration;

/** Which refreshes may pass the routing by. */
class RefreshRoutesTest {
    private static final String ALONE = "Path=/api/auth/refresh";
    private static final String ROTATE = "RotateRefreshToken";

    private final GatewayProperties gateway = new GatewayProperties();
    private final GlobalCorsProperties cors = new GlobalCorsProperties();

    private static RouteDefinition route(String id, List<String> predicates, String... filters) {
        RouteDefinition route = new RouteDefinition();
        route.setId(id);
        route.setUri(URI.create("no://op"));
        route.setPredicates(predicates.stream().map(PredicateDefinition::new).toList());
        route.setFilters(Arrays.stream(filters).map(FilterDefinition::new).toList());
        return route;
    }

    private void routes(RouteDefinition... routes) {
        gateway.setRoutes(List.of(routes));
    }

    private void defaultFilters(String... filters) {
        gateway.setDefaultFilters(
                Arrays.stream(filters).map(FilterDefinition::new).toList());
    }

    @Test
    void theFirstOfTheConfigurationThatIsShippedMay() {
        defaultFilters("PreserveHostHeader", "RejectRevokedSession");
        routes(route("refresh", List.of(ALONE), ROTATE), route("else", List.of("Path=/**")));

        assertThat(RefreshRoutes.alone(gateway, cors)).containsExactly(entry("/api/auth/refresh", "refresh"));
        assertThat(RefreshRoutes.preservesHost(gateway)).isTrue();
    }

    @Test
    void eachPathOfEachSuchRouteMay() {
        routes(
                route("refresh", List.of("Path=/a,/b"), ROTATE),
                route("other", List.of("Path=/b,/c"), ROTATE),
                route("else", List.of("Path=/**")));

        assertThat(RefreshRoutes.alone(gateway, cors))
                .containsExactly(entry("/a", "refresh"), entry("/b", "refresh"), entry("/c", "other"));
        assertThat(RefreshRoutes.preservesHost(gateway)).isFalse();
    }

    @Test
    void noneBehindAnotherRoute() {
        routes(route("canary", List.of("Header=X-Canary")), route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }

    @Test
    void theOrderOfTheRoutesCounts() {
        RouteDefinition canary = route("canary", List.of("Header=X-Canary"));
        canary.setOrder(-1);
        routes(route("refresh", List.of(ALONE), ROTATE), canary);

        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }

    @Test
    void aRouteThatIsOffIsNone() {
        RouteDefinition off = route("off", List.of("Path=/off"), ROTATE);
        off.setEnabled(false);
        routes(off, route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway, cors)).containsOnlyKeys("/api/auth/refresh");
    }

    @Test
    void noneWithAnotherPredicateOrFilter() {
        routes(route("refresh", List.of(ALONE, "Host=a.example"), ROTATE));
        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();

        routes(route("refresh", List.of(ALONE), "AddResponseHeader=X-A,b", ROTATE));
        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }

    @Test
    void noneWithAnotherDefaultFilter() {
        defaultFilters("RejectRevokedSession", "AddResponseHeader=X-A,b");
        routes(route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }

    /** To whose requests {@code RejectRevokedSession} has something to say. */
    @Test
    void noneThatNamesABackend() {
        RouteDefinition route = route("refresh", List.of(ALONE), ROTATE);
        route.setUri(URI.create("http://backend.example"));
        routes(route);

        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }

    @Test
    void noneWhereTheRoutingAnswersCors() {
        routes(route("refresh", List.of(ALONE), ROTATE));
        cors.getCorsConfigurations().put("/**", new CorsConfiguration());
        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();

        cors.getCorsConfigurations().clear();
        gateway.getRoutes().get(0).setMetadata(Map.of("cors", Map.of("allowedOrigins", "*")));
        assertThat(RefreshRoutes.alone(gateway, cors)).isEmpty();
    }
}
