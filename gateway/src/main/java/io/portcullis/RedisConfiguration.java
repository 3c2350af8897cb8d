package io.portcullis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.api.OpenTelemetry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.operations.TracedSessionStore;
import io.portcullis.redis.RedisSessionStore;
import io.portcullis.redis.ResilientSessionStore;
import io.portcullis.redis.RevocationStream;
import io.portcullis.redis.ScriptRunner;
import io.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

/** The wiring of the session store: how Redis is spoken to, and what stands between. */
@Configuration(proxyBeanMethods = false)
class RedisConfiguration {
    /** The name of the store's circuit breaker under {@code resilience4j.circuitbreaker.instances}. */
    static final String STORE_CIRCUIT_BREAKER = "store";

    private static final Set<CircuitBreaker.State> HOLDS_BACK =
            EnumSet.of(CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN, CircuitBreaker.State.FORCED_OPEN);

    @Bean
    LettuceClientOptionsBuilderCustomizer lettuceOptions() {
        return options -> options
                // a command is sent once: whoever asked decides whether to ask again
                .replayFilter(command -> true)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(10_000)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .keepAlive(KeepAliveOptions.builder()
                                .enable()
                                .idle(Duration.ofSeconds(5))
                                .interval(Duration.ofSeconds(1))
                                .count(3)
                                .build())
                        .tcpUserTimeout(TcpUserTimeoutOptions.builder()
                                .enable()
                                .tcpUserTimeout(Duration.ofSeconds(5))
                                .build())
                        .build());
    }

    @Bean
    ClientResourcesBuilderCustomizer lettuceReconnectDelay() {
        // Lettuce's own goes up to 30 s
        return resources -> resources.reconnectDelay(Delay.exponential(20, 500, TimeUnit.MILLISECONDS, 2));
    }

    @Bean
    ScriptRunner scriptRunner(ReactiveRedisConnectionFactory connections) {
        ScriptRunner scripts = new ScriptRunner(connections);
        scripts.connectInBackground();
        return scripts;
    }

    /** Whether refreshes are sent to Redis, or held back by the circuit breaker: {@code portcullis.store.available}. */
    @Bean
    MeterBinder storeIsAvailable(CircuitBreakerRegistry circuitBreakers) {
        CircuitBreaker store = circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER);
        return registry -> Gauge.builder(
                        "portcullis.store.available", store, breaker -> HOLDS_BACK.contains(breaker.getState()) ? 0 : 1)
                .register(registry);
    }

    @Bean
    SessionStore sessionStore(
            ScriptRunner scripts,
            RevocationStream revocations,
            CircuitBreakerRegistry circuitBreakers,
            ObjectProvider<OpenTelemetry> telemetry,
            PortcullisProperties properties) {
        SessionStore store = new RedisSessionStore(scripts, properties.store().keyPrefix(), revocations);
        OpenTelemetry traces = telemetry.getIfAvailable();
        return new ResilientSessionStore(
                traces == null ? store : new TracedSessionStore(store, traces),
                circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER),
                properties.store().budget(),
                properties.store().commandTimeout());
    }
}
