package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** Which refreshes may pass the routing by. */
class RefreshRoutesTest {
    private static final String ALONE = "Path=/api/auth/refresh";
    private static final String ROTATE = "RotateRefreshToken";

    private final GatewayProperties gateway = new GatewayProperties();

    private static RouteDefinition route(String id, List<String> predicates, String... filters) {
        RouteDefinition route = new RouteDefinition();
        route.setId(id);
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

        assertThat(RefreshRoutes.alone(gateway)).containsExactly(entry("/api/auth/refresh", "refresh"));
        assertThat(RefreshRoutes.preservesHost(gateway)).isTrue();
    }

    @Test
    void eachPathOfEachSuchRouteMay() {
        routes(
                route("refresh", List.of("Path=/a,/b"), ROTATE),
                route("other", List.of("Path=/b,/c"), ROTATE),
                route("else", List.of("Path=/**")));

        assertThat(RefreshRoutes.alone(gateway))
                .containsExactly(entry("/a", "refresh"), entry("/b", "refresh"), entry("/c", "other"));
        assertThat(RefreshRoutes.preservesHost(gateway)).isFalse();
    }

    @Test
    void noneBehindAnotherRoute() {
        routes(route("canary", List.of("Header=X-Canary")), route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway)).isEmpty();
    }

    @Test
    void theOrderOfTheRoutesCounts() {
        RouteDefinition canary = route("canary", List.of("Header=X-Canary"));
        canary.setOrder(-1);
        routes(route("refresh", List.of(ALONE), ROTATE), canary);

        assertThat(RefreshRoutes.alone(gateway)).isEmpty();
    }

    @Test
    void aRouteThatIsOffIsNone() {
        RouteDefinition off = route("off", List.of("Path=/off"), ROTATE);
        off.setEnabled(false);
        routes(off, route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway)).containsOnlyKeys("/api/auth/refresh");
    }

    @Test
    void noneWithAnotherPredicateOrFilter() {
        routes(route("refresh", List.of(ALONE, "Host=a.example"), ROTATE));
        assertThat(RefreshRoutes.alone(gateway)).isEmpty();

        routes(route("refresh", List.of(ALONE), "AddResponseHeader=X-A,b", ROTATE));
        assertThat(RefreshRoutes.alone(gateway)).isEmpty();
    }

    @Test
    void noneWithAnotherDefaultFilter() {
        defaultFilters("RejectRevokedSession", "AddResponseHeader=X-A,b");
        routes(route("refresh", List.of(ALONE), ROTATE));

        assertThat(RefreshRoutes.alone(gateway)).isEmpty();
    }
}
