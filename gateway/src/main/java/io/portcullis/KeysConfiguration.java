package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RealmKeyFiles;
import io.portcullis.edge.Realms;
import io.portcullis.edge.ServePublicKeysGatewayFilterFactory;
import io.portcullis.operations.KeyEvents;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.CurrentKeys;
import io.portcullis.token.RefreshTokenCodec;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The wiring of the keys, and of what the gateway's own are for. */
@Configuration(proxyBeanMethods = false)
class KeysConfiguration {

    @Bean
    KeyEvents keyEvents(MeterRegistry registry) {
        return new KeyEvents(registry, PortcullisConfiguration.CLOCK);
    }

    @Bean
    RollingKeys rollingKeys(PortcullisProperties properties, ConfigurableEnvironment environment, KeyEvents events) {
        return new RollingKeys(
                () -> RealmKeyFiles.read(properties.realms()),
                files -> files.judge(environment, properties.realms()),
                events,
                properties.keys().pollInterval());
    }

    @Bean
    CurrentKeys currentKeys(RollingKeys rolling) {
        return rolling.keys();
    }

    @Bean
    RefreshTokenCodec refreshTokenCodec(PortcullisProperties properties, CurrentKeys keys) {
        return new RefreshTokenCodec(
                properties.issuer(), keys::refreshTokens, properties.clockSkew(), PortcullisConfiguration.CLOCK);
    }

    @Bean
    ClaimSeal claimSeal(CurrentKeys keys) {
        return new ClaimSeal(keys::refreshTokens);
    }

    @Bean
    ServePublicKeysGatewayFilterFactory servePublicKeys(CurrentKeys keys, Realms realms) {
        return new ServePublicKeysGatewayFilterFactory(keys, realms);
    }
}
