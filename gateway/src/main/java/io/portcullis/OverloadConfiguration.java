package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.edge.OverloadGuard;
import io.portcullis.edge.RefreshLimits;
import io.portcullis.limit.Overload;
import io.portcullis.operations.OverloadEvents;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The wiring of what turns requests away when there are more than can be answered. */
@Configuration(proxyBeanMethods = false)
class OverloadConfiguration {
    @Bean
    Overload overload(PortcullisProperties properties) {
        return new Overload(properties.overload().delayMax());
    }

    @Bean
    OverloadEvents overloadEvents(Overload overload, MeterRegistry registry) {
        return new OverloadEvents(overload, registry, PortcullisConfiguration.CLOCK);
    }

    @Bean
    OverloadGuard overloadGuard(
            Overload overload,
            OverloadEvents events,
            RefreshLimits limits,
            GatewayProperties gateway,
            ApplicationContext context) {
        return new OverloadGuard(overload, events, limits, RefreshRoutes.paths(gateway.getRoutes()), context);
    }
}
