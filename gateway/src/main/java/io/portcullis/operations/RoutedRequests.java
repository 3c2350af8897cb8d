package io.portcullis.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;

/**
 * Counts and times requests of a route that pass Spring Cloud Gateway's routing by, as its {@code GatewayMetricsFilter} does with
 * those that do not: {@code spring.cloud.gateway.requests}, with the same tags. Its own looks a timer up for each.
 */
public final class RoutedRequests {
    private static final String UNKNOWN = "CUSTOM";

    private final MeterRegistry registry;
    private final String name;
    private final Tags ofRoute;
    private final Map<Integer, Timer> timers = new ConcurrentHashMap<>();

    /**
     * Of one route and method.
     *
     * @param prefix of the meter's name
     * @param others tags that all requests have
     */
    public RoutedRequests(
            MeterRegistry registry,
            String prefix,
            String route,
            String uri,
            String method,
            Map<String, String> others) {
        this.registry = registry;
        this.name = prefix + ".requests";
        Tags tags = Tags.of("routeId", route, "routeUri", uri, "httpMethod", method);
        for (Map.Entry<String, String> other : others.entrySet()) {
            tags = tags.and(other.getKey(), other.getValue());
        }
        this.ofRoute = tags;
    }

    /** A request was answered; it took so many nanoseconds. */
    public void count(HttpStatusCode status, long nanos) {
        timers.computeIfAbsent(status.value(), this::timer).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(int code) {
        HttpStatus status = HttpStatus.resolve(code);
        return Timer.builder(name)
                .tags(ofRoute.and(
                        "httpStatusCode",
                        Integer.toString(code),
                        "status",
                        status == null ? UNKNOWN : status.name(),
                        "outcome",
                        status == null ? UNKNOWN : status.series().name()))
                .register(registry);
    }
}
