package io.portcullis;

import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.JwsKeys;
import io.portcullis.token.RefreshTokenCodec;
import java.util.HashMap;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The wiring of what the gateway's own keys are for. */
@Configuration(proxyBeanMethods = false)
class RefreshTokenConfiguration {

    @Bean
    RefreshTokenCodec refreshTokenCodec(PortcullisProperties properties) {
        return new RefreshTokenCodec(
                properties.issuer(),
                refreshTokenKeys(properties),
                properties.clockSkew(),
                PortcullisConfiguration.CLOCK);
    }

    @Bean
    ClaimSeal claimSeal(PortcullisProperties properties) {
        return new ClaimSeal(refreshTokenKeys(properties));
    }

    private static Map<String, JwsKeys> refreshTokenKeys(PortcullisProperties properties) {
        Map<String, JwsKeys> keys = new HashMap<>();
        properties
                .realms()
                .forEach((name, values) -> keys.put(name, PortcullisConfiguration.keys(values.refreshTokenKeys())));
        return keys;
    }
}
