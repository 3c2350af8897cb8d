package io.portcullis;

import io.portcullis.configuration.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** The routes with the filter {@code RotateRefreshToken}, and so the paths that must reach no backend. */
final class RefreshRoutes {
    private static final String FILTER = "RotateRefreshToken";

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

    private static Stream<String> patterns(PredicateDefinition predicate) {
        return predicate.getArgs().entrySet().stream()
                .filter(argument -> !argument.getKey().equals("matchTrailingSlash"))
                .map(Map.Entry::getValue)
                .map(String::trim);
    }
}
