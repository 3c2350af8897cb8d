package io.portcullis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.api.OpenTelemetry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RealmProperties;
import io.portcullis.operations.TracedSessionStore;
import io.portcullis.redis.KeptRevocations;
import io.portcullis.redis.LoopClients;
import io.portcullis.redis.RedisSessionStore;
import io.portcullis.redis.Replicas;
import io.portcullis.redis.ResilientSessionStore;
import io.portcullis.redis.RevocationStream;
import io.portcullis.redis.ScriptRunner;
import io.portcullis.redis.Unsettled;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.Comparator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The wiring of the session store: what speaks to Redis, and what stands between. */
@Configuration(proxyBeanMethods = false)
class RedisConfiguration {
    /** The name of the store's circuit breaker under {@code resilience4j.circuitbreaker.instances}. */
    static final String STORE_CIRCUIT_BREAKER = "store";

    /** The revocations' connection is told something every 5 s. */
    private static final Duration HEARD_OF_WITHIN = Duration.ofSeconds(10);

    /** About 300 bytes each. */
    private static final int REVOCATIONS_KEPT_MAX = 50_000;

    private static final Duration REVOCATIONS_ASKED_AFTER_EVERY = Duration.ofSeconds(1);

    /** A second use waits for the next one. */
    private static final Duration SIGN_OF_LIFE_EVERY = Duration.ofMillis(250);

    private static final Duration SENTINEL_ASKED_EVERY = Duration.ofSeconds(1);

    @Bean
    ScriptRunner scriptRunner(LettuceConnectionFactory connections, LoopClients loops) {
        return new ScriptRunner(connections, loops);
    }

    /** Not before everything is made: whoever only checks the configuration connects to nobody. */
    @Bean
    FirstStep connecting(ScriptRunner scripts) {
        return new FirstStep(scripts::connectInBackground);
    }

    /** A master that was replaced while it was frozen goes on as one until a Sentinel has told it, about 10 s. */
    @Bean
    @ConditionalOnProperty("spring.data.redis.sentinel.master")
    Repetition masterFollowing(ScriptRunner scripts) {
        return new Repetition("Asking who is master", SENTINEL_ASKED_EVERY, scripts.followMaster());
    }

    /**
     * Whether Redis is there and refreshes are sent to it: {@code portcullis.store.available}. The circuit breaker alone would
     * not know while nobody refreshes.
     */
    @Bean
    MeterBinder storeIsAvailable(CircuitBreakerRegistry circuitBreakers, RevokedSessions revoked) {
        CircuitBreaker store = circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER);
        return registry -> Gauge.builder(
                        "portcullis.store.available",
                        revoked,
                        heard -> !StoreHealth.isHeldBack(store)
                                        && heard.isComplete(PortcullisConfiguration.CLOCK.instant(), HEARD_OF_WITHIN)
                                ? 1
                                : 0)
                .register(registry);
    }

    /** The health component {@code store}. */
    @Bean
    StoreHealth storeHealthIndicator(
            ScriptRunner scripts, CircuitBreakerRegistry circuitBreakers, PortcullisProperties properties) {
        return new StoreHealth(
                scripts,
                circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER),
                properties.store().commandTimeout());
    }

    @Bean
    Unsettled unsettledRotations() {
        return new Unsettled();
    }

    @Bean
    Replicas replicas(ScriptRunner scripts, Unsettled unsettled, PortcullisProperties properties) {
        return new Replicas(
                scripts,
                properties.store().keyPrefix(),
                unsettled,
                properties.store().commandTimeout());
    }

    @Bean
    Repetition signsOfLife(Replicas replicas) {
        return new Repetition("The sign of life", SIGN_OF_LIFE_EVERY, replicas.exchange());
    }

    /** Where a store is there and this is 0 no second use at another replica is judged. */
    @Bean
    MeterBinder replicasAlive(Replicas replicas) {
        return registry ->
                Gauge.builder("portcullis.replicas", replicas, Replicas::alive).register(registry);
    }

    /** After the last round of the marks. */
    @Bean
    ShutdownStep lastSignOfLife(Replicas replicas) {
        return new ShutdownStep(ShutdownStep.AFTER_THE_LAST_REQUEST - 1, replicas.leave());
    }

    @Bean
    KeptRevocations keptRevocations() {
        return new KeptRevocations(REVOCATIONS_KEPT_MAX, PortcullisConfiguration.CLOCK);
    }

    /** What the beans below are made of: no bean itself, since there is one {@link SessionStore}. */
    private static RedisSessionStore redisStore(
            ScriptRunner scripts,
            RevocationStream revocations,
            KeptRevocations kept,
            Replicas replicas,
            PortcullisProperties properties) {
        Duration lostRemembered = properties.store().recoverBefore() == null
                ? Duration.ZERO
                : properties.realms().values().stream()
                        .map(RealmProperties::idleLifetime)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        return new RedisSessionStore(
                scripts, properties.store().keyPrefix(), revocations, kept, replicas, lostRemembered);
    }

    /** Asks after the revocations that Redis may have lost. */
    @Bean
    Repetition revocationKeeping(
            ScriptRunner scripts,
            RevocationStream revocations,
            KeptRevocations kept,
            Replicas replicas,
            PortcullisProperties properties) {
        RedisSessionStore store = redisStore(scripts, revocations, kept, replicas, properties);
        return new Repetition(
                "Asking after revocations",
                REVOCATIONS_ASKED_AFTER_EVERY,
                kept.askAfter(store, properties.store().commandTimeout()));
    }

    @Bean
    SessionStore sessionStore(
            ScriptRunner scripts,
            RevocationStream revocations,
            KeptRevocations kept,
            Replicas replicas,
            @Qualifier(KeptCallsConfiguration.MARKS) KeptCalls marks,
            Unsettled unsettled,
            CircuitBreakerRegistry circuitBreakers,
            ObjectProvider<OpenTelemetry> telemetry,
            PortcullisProperties properties) {
        SessionStore store = redisStore(scripts, revocations, kept, replicas, properties);
        OpenTelemetry traces = telemetry.getIfAvailable();
        return new ResilientSessionStore(
                traces == null ? store : new TracedSessionStore(store, traces),
                circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER),
                marks,
                unsettled,
                properties.store().budget(),
                properties.store().commandTimeout(),
                PortcullisConfiguration.CLOCK);
    }
}
