package io.portcullis.edge;

import org.springframework.cloud.gateway.support.HasRouteId;

/** The arguments of {@code IsolateBackend}, as Spring Cloud Gateway binds them. */
public final class IsolateBackendConfig implements HasRouteId {
    private String name = "";
    private String failures = "";
    private String routeId = "";

    /** What Resilience4j knows the circuit breaker, the time limiter and the bulkhead by; the route's id unless it is set. */
    public String getName() {
        return name.isEmpty() ? routeId : name;
    }

    public void setName(String name) {
        this.name = name;
    }

    /** The statuses that count as failures, with {@code |} between them; none by default. */
    public String getFailures() {
        return failures;
    }

    public void setFailures(String failures) {
        this.failures = failures;
    }

    @Override
    public String getRouteId() {
        return routeId;
    }

    @Override
    public void setRouteId(String routeId) {
        this.routeId = routeId;
    }
}
