package io.portcullis;

import io.portcullis.configuration.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** The routes with the filter {@code RotateRefreshToken}, and so the paths that must reach no backend. */
final class RefreshRoutes {
    private static final String FILTER = "RotateRefreshToken";
    /** The scheme of a route that goes to no backend: with another one {@code RejectRevokedSession} looks at its requests. */
    private static final String FORWARDS_NOTHING = "no";

    /** A route's own CORS, in its metadata. */
    private static final String CORS = "cors";

    private static final String PRESERVE_HOST = "PreserveHostHeader";
    /** On a request that goes to no backend, but that the first is known to {@link io.portcullis.edge.RefreshLane} too. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(PRESERVE_HOST, "RejectRevokedSession");

    private RefreshRoutes() {}

    /**
     * The paths of those routes.
     *
     * @throws InvalidConfigurationException if such a route's paths cannot be told: it has no Path predicate, or a pattern
     */
    static Set<String> paths(List<RouteDefinition> routes) {
        Set<String> paths = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        for (RouteDefinition route : routes) {
            if (route.getFilters().stream().noneMatch(filter -> FILTER.equals(filter.getName()))) {
                continue;
            }
            List<String> own = route.getPredicates().stream()
                    .filter(predicate -> "Path".equals(predicate.getName()))
                    .flatMap(RefreshRoutes::patterns)
                    .toList();
            if (own.isEmpty() || own.stream().anyMatch(path -> !path.matches("/[^{}*?]*"))) {
                problems.add("route '" + route.getId() + "' with " + FILTER
                        + ": needs a Path predicate with whole paths, without {}, * or ?");
            }
            paths.addAll(own);
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return paths;
    }

    /**
     * The paths for which nothing can happen but what that one filter does, by the order of the routes: the ids of their routes.
     * None where a default filter, another filter or predicate, a route in front, or CORS of the gateway's may have something
     * else to say.
     *
     * @param cors Spring Cloud Gateway's own, which its routing answers
     */
    static Map<String, String> alone(GatewayProperties gateway, GlobalCorsProperties cors) {
        Map<String, String> alone = new LinkedHashMap<>();
        boolean saysCors = !cors.getCorsConfigurations().isEmpty()
                || gateway.getRoutes().stream()
                        .anyMatch(route -> route.getMetadata().containsKey(CORS));
        if (saysCors || !names(gateway.getDefaultFilters()).allMatch(WITHOUT_EFFECT::contains)) {
            return alone;
        }
        List<RouteDefinition> routes = gateway.getRoutes().stream()
                .filter(RouteDefinition::isEnabled)
                .sorted(Comparator.comparingInt(RouteDefinition::getOrder))
                .toList();
        for (RouteDefinition route : routes) {
            boolean isAlone = route.getUri() != null
                    && FORWARDS_NOTHING.equals(route.getUri().getScheme())
                    && names(route.getFilters()).toList().equals(List.of(FILTER))
                    && route.getPredicates().size() == 1
                    && "Path".equals(route.getPredicates().get(0).getName());
            if (!isAlone) {
                break;
            }
            patterns(route.getPredicates().get(0)).forEach(path -> alone.putIfAbsent(path, route.getId()));
        }
        return alone;
    }

    /** Whether the backends are told the client's {@code Host} where a request has the default filters only. */
    static boolean preservesHost(GatewayProperties gateway) {
        return names(gateway.getDefaultFilters()).anyMatch(PRESERVE_HOST::equals);
    }

    private static Stream<String> names(List<FilterDefinition> filters) {
        return filters.stream().map(FilterDefinition::getName);
    }

    private static Stream<String> patterns(PredicateDefinition predicate) {
        return predicate.getArgs().entrySet().stream()
                .filter(argument -> !argument.getKey().equals("matchTrailingSlash"))
                .map(Map.Entry::getValue)
                .map(String::trim);
    }
}
