package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RealmProperties;
import io.portcullis.configuration.RevocationProperties;
import io.portcullis.edge.BearerTokens;
import io.portcullis.edge.RejectRevokedSessionGatewayFilterFactory;
import io.portcullis.operations.RevocationMetrics;
import io.portcullis.redis.RevocationStream;
import io.portcullis.redis.RevocationTail;
import io.portcullis.redis.ScriptRunner;
import io.portcullis.session.RevokedSessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The wiring of revocation at the edge: how replicas tell each other which sessions are over. */
@Configuration(proxyBeanMethods = false)
class RevocationConfiguration {
    private static final InstantSource CLOCK = InstantSource.system();

    @Bean
    RevokedSessions revokedSessions(PortcullisProperties properties) {
        return new RevokedSessions(properties.revocation().bound());
    }

    @Bean
    RevocationMetrics revocationMetrics(
            MeterRegistry registry, RevokedSessions revoked, PortcullisProperties properties) {
        return new RevocationMetrics(
                registry,
                properties.realms().keySet(),
                revoked,
                properties.revocation().unknownAfter(),
                CLOCK);
    }

    @Bean
    RevocationStream revocationStream(ScriptRunner scripts, RevokedSessions revoked, PortcullisProperties properties) {
        Duration longest = properties.realms().values().stream()
                .map(RealmProperties::accessTokenLifetime)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return new RevocationStream(
                scripts,
                properties.store().keyPrefix(),
                revoked,
                longest.plus(properties.clockSkew()),
                properties.revocation().bound(),
                CLOCK);
    }

    @Bean
    CatchUp catchUp(
            LettuceConnectionFactory connections,
            RevokedSessions revoked,
            RevocationStream stream,
            RevocationMetrics metrics,
            PortcullisProperties properties) {
        RevocationTail tail = new RevocationTail(
                connections,
                Duration.ofMillis(connections.getTimeout()),
                properties.store().keyPrefix(),
                revoked,
                stream,
                properties.revocation().bound(),
                metrics::lag,
                CLOCK);
        return new CatchUp(tail, properties.revocation().catchUpTimeout());
    }

    @Bean
    RejectRevokedSessionGatewayFilterFactory rejectRevokedSession(
            RevokedSessions revoked, RevocationMetrics metrics, PortcullisProperties properties) {
        RevocationProperties revocation = properties.revocation();
        BearerTokens tokens = new BearerTokens(revocation.headers(), revocation.queryParameters());
        return new RejectRevokedSessionGatewayFilterFactory(revoked, tokens, revocation.refuseAfter(), metrics, CLOCK);
    }
}
