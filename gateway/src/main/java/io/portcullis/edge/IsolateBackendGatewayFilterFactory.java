package io.portcullis.edge;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.core.Ordered;

/**
 * {@code IsolateBackend}, {@code IsolateBackend=name} or {@code IsolateBackend=name,502|503}: a backend that is dead or slow
 * costs its own routes only. Of Resilience4j's circuit breaker, time limiter and bulkhead those stand before it that are
 * configured under the route's id, or under the name; routes with one name share them.
 */
public final class IsolateBackendGatewayFilterFactory extends AbstractGatewayFilterFactory<IsolateBackendConfig> {
    /** Behind all filters of routes, and before {@link SecondAttempt}: one that answers by itself asks no backend. */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 3;

    private final CircuitBreakerRegistry circuitBreakers;
    private final TimeLimiterRegistry timeLimiters;
    private final BulkheadRegistry bulkheads;
    private final Set<String> taken;

    /**
     * The filter.
     *
     * @param taken names of circuit breakers that are no backend's
     */
    public IsolateBackendGatewayFilterFactory(
            CircuitBreakerRegistry circuitBreakers,
            TimeLimiterRegistry timeLimiters,
            BulkheadRegistry bulkheads,
            Set<String> taken) {
        super(IsolateBackendConfig.class);
        this.circuitBreakers = circuitBreakers;
        this.timeLimiters = timeLimiters;
        this.bulkheads = bulkheads;
        this.taken = taken;
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("name", "failures");
    }

    @Override
    public GatewayFilter apply(IsolateBackendConfig config) {
        String name = config.getName();
        if (taken.contains(name)) {
            throw new IllegalArgumentException("IsolateBackend of route " + config.getRouteId()
                    + ": the circuit breaker '" + name + "' is not a backend's; give it another name");
        }
        BackendIsolation isolation = new BackendIsolation(
                circuitBreakers.find(name).orElse(null),
                timeLimiters.find(name).orElse(null),
                bulkheads.find(name).orElse(null),
                failures(config.getFailures()));
        if (isolation.isNothing()) {
            throw new IllegalArgumentException("IsolateBackend of route " + config.getRouteId() + ": there is no"
                    + " resilience4j.circuitbreaker.instances." + name + ", nor one of timelimiter or bulkhead");
        }
        return new OrderedGatewayFilter(isolation, ORDER);
    }

    private static Set<Integer> failures(String statuses) {
        if (statuses.isEmpty()) {
            return Set.of();
        }
        List<String> each = Arrays.asList(statuses.split("\\|", -1));
        if (!each.stream().allMatch(status -> status.matches("5\\d\\d|429"))) {
            throw new IllegalArgumentException(
                    "IsolateBackend counts statuses of the class 5xx, and 429, as failures, such as 502|503, not '"
                            + statuses + "'");
        }
        return each.stream().map(Integer::valueOf).collect(Collectors.toUnmodifiableSet());
    }
}
