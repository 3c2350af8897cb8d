package io.portcullis;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.resource.Delay;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.redis.RedisSessionStore;
import io.portcullis.redis.ResilientSessionStore;
import io.portcullis.redis.RevocationStream;
import io.portcullis.redis.ScriptRunner;
import io.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

    @Bean
    SessionStore sessionStore(
            ScriptRunner scripts,
            RevocationStream revocations,
            CircuitBreakerRegistry circuitBreakers,
            PortcullisProperties properties) {
        return new ResilientSessionStore(
                new RedisSessionStore(scripts, properties.store().keyPrefix(), revocations),
                circuitBreakers.circuitBreaker(STORE_CIRCUIT_BREAKER),
                properties.store().budget(),
                properties.store().commandTimeout());
    }
}
