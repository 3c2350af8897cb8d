package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RefreshLimitProperties;
import io.portcullis.edge.ClientAddress;
import io.portcullis.edge.RefreshLimits;
import io.portcullis.operations.LimitEvents;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The wiring of what keeps one client from having all refreshes. */
@Configuration(proxyBeanMethods = false)
class LimitConfiguration {
    @Bean
    LimitEvents limitEvents(MeterRegistry registry) {
        return new LimitEvents(registry, PortcullisConfiguration.CLOCK);
    }

    @Bean
    RefreshLimits refreshLimits(ClientAddress clients, PortcullisProperties properties, LimitEvents events) {
        RefreshLimitProperties limit = properties.refresh().limit();
        return new RefreshLimits(
                clients,
                limit.perAddress(),
                limit.addressBurst(),
                limit.perSession(),
                limit.sessionBurst(),
                limit.ipv6Prefix(),
                limit.tracked(),
                events);
    }
}
