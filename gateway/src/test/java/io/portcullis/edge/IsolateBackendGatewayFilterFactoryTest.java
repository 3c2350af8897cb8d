package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A route that is meant to be isolated, and would not be, or would be from Redis, is refused. */
class IsolateBackendGatewayFilterFactoryTest {
    private final CircuitBreakerRegistry circuitBreakers = CircuitBreakerRegistry.ofDefaults();
    private final TimeLimiterRegistry timeLimiters = TimeLimiterRegistry.ofDefaults();
    private final BulkheadRegistry bulkheads = BulkheadRegistry.ofDefaults();
    private final IsolateBackendGatewayFilterFactory factory =
            new IsolateBackendGatewayFilterFactory(circuitBreakers, timeLimiters, bulkheads, Set.of("store"));

    private static IsolateBackendConfig config(String name, String failures) {
        IsolateBackendConfig config = new IsolateBackendConfig();
        config.setRouteId("reports");
        config.setName(name);
        config.setFailures(failures);
        return config;
    }

    @ParameterizedTest
    @CsvSource({"'', reports", "other, other"})
    void aNameThatNothingIsConfiguredUnderIsRefused(String argument, String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> factory.apply(config(argument, "")))
                .withMessageContaining("of route reports: there is no resilience4j.circuitbreaker.instances." + name);
    }

    @Test
    void oneOfTheThreeIsEnough() {
        timeLimiters.timeLimiter("late");
        bulkheads.bulkhead("narrow");
        circuitBreakers.circuitBreaker("reports");

        assertThatCode(() -> factory.apply(config("late", ""))).doesNotThrowAnyException();
        assertThatCode(() -> factory.apply(config("narrow", ""))).doesNotThrowAnyException();
        assertThatCode(() -> factory.apply(config("", "502|503|429"))).doesNotThrowAnyException();
    }

    @Test
    void theCircuitBreakerOfRedisIsRefused() {
        circuitBreakers.circuitBreaker("store");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> factory.apply(config("store", "")))
                .withMessageContaining("'store' is not a backend's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"404", "5xx", "502,503", "502||503", "502|", "200"})
    void statusesThatSayNothingOfABackendsHealthAreRefused(String failures) {
        circuitBreakers.circuitBreaker("reports");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> factory.apply(config("", failures)))
                .withMessageContaining("not '" + failures + "'");
    }
}
