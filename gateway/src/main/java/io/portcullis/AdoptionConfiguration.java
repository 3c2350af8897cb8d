package io.portcullis;

import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.PortcullisProperties.BackendRefreshProperties;
import io.portcullis.configuration.RealmProperties.AdoptionProperties;
import io.portcullis.edge.BackendAdoption;
import io.portcullis.edge.BackendPassage;
import io.portcullis.edge.BackendRefresh;
import io.portcullis.edge.Realm;
import io.portcullis.edge.Realms;
import io.portcullis.edge.RefreshLimits;
import io.portcullis.edge.RefreshTokenGrant;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.SessionStore;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.RefreshTokenCodec;
import io.portcullis.token.RequiredClaims;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.resources.ConnectionProvider;

/** The wiring of what decides about refresh tokens, with the backends asked where a realm wants that. */
@Configuration(proxyBeanMethods = false)
class AdoptionConfiguration {
    private static final Logger log = LoggerFactory.getLogger(AdoptionConfiguration.class);
    /** How many requests may wait for their turn, for each that is being sent. */
    private static final int WAITING_PER_CALL = 10;

    /** TLS, proxy and connect time-out are those of forwarded requests. */
    @Bean
    @ConditionalOnProperty("portcullis.adoption.backend-uri")
    BackendRefresh backendRefresh(
            PortcullisProperties properties,
            HttpClientProperties http,
            ServerProperties server,
            HttpClientSslConfigurer ssl,
            List<HttpClientCustomizer> customizers,
            ObjectProvider<HttpHeadersFilter> headersFilters)
            throws Exception {
        BackendRefreshProperties endpoint = properties.adoption();
        ConnectionProvider connections = ConnectionProvider.builder("adoption")
                .maxConnections(endpoint.maxCalls())
                .pendingAcquireMaxCount(endpoint.maxCalls() * WAITING_PER_CALL)
                .pendingAcquireTimeout(endpoint.timeout())
                .build();
        HttpClientFactory client = new HttpClientFactory(http, server, ssl, customizers) {
            @Override
            protected ConnectionProvider buildConnectionProvider(HttpClientProperties properties) {
                return connections;
            }
        };
        client.afterPropertiesSet();
        return new BackendRefresh(
                client.getObject(),
                headersFilters.orderedStream().toList(),
                URI.create(String.valueOf(endpoint.backendUri()).trim()),
                endpoint.timeout(),
                Math.toIntExact(endpoint.bodyLimit().toBytes()));
    }

    @Bean
    RefreshTokenGrant refreshTokenGrant(
            Realms realms,
            RefreshTokenCodec refreshTokens,
            ClaimSeal seal,
            RefreshLimits limits,
            SessionStore store,
            SessionEvents events,
            @Qualifier(KeptCallsConfiguration.MARKS) KeptCalls unanswered,
            PortcullisProperties properties,
            ObjectProvider<BackendRefresh> backends) {
        Map<Realm, RequiredClaims> adopting = new HashMap<>();
        properties.realms().forEach((name, values) -> {
            AdoptionProperties adoption = values.adoption();
            if (adoption.mode() == AdoptionProperties.Mode.BACKEND) {
                adopting.put(realms.get(name), new RequiredClaims(adoption.requiredClaims()));
            }
        });
        Duration budget = properties.store().budget();
        BackendAdoption adoption = adopting.isEmpty()
                ? null
                : new BackendAdoption(
                        adopting,
                        backends.getObject(),
                        store,
                        refreshTokens,
                        properties.clockSkew(),
                        budget,
                        properties.adoption().timeout().plus(budget.multipliedBy(2)),
                        unanswered,
                        PortcullisConfiguration.CLOCK);
        BackendPassage passage = properties.leaving()
                ? new BackendPassage(backends.getObject(), properties.clockSkew(), PortcullisConfiguration.CLOCK)
                : null;
        Instant recoverBefore = properties.store().recoverBefore();
        if (recoverBefore != null) {
            log.warn(
                    "Sessions that Redis does not know are opened again for refresh tokens issued before {}:"
                            + " remove portcullis.store.recover-before once their users have come back",
                    recoverBefore);
        }
        return new RefreshTokenGrant(
                realms,
                refreshTokens,
                seal,
                passage == null ? adoption : passage,
                limits,
                store,
                events,
                recoverBefore,
                PortcullisConfiguration.CLOCK);
    }
}
