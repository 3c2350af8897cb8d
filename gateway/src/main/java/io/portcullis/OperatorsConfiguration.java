package io.portcullis;

import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.operations.OperatorEvents;
import io.portcullis.operations.Outboxes;
import io.portcullis.operations.SessionEvents;
import io.portcullis.operations.SessionsEndpoint;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.SessionStore;
import io.portcullis.token.ClaimSeal;
import java.util.HashMap;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The wiring of what operators may do; who they are is {@link ManagementSecurity}'s. */
@Configuration(proxyBeanMethods = false)
class OperatorsConfiguration {
    @Bean
    OperatorEvents operatorEvents(SessionEvents events, Outboxes outboxes) {
        return new OperatorEvents(events, outboxes, PortcullisConfiguration.CLOCK);
    }

    @Bean
    SessionsEndpoint sessionsEndpoint(
            SessionStore store, ClaimSeal seal, PortcullisProperties properties, OperatorEvents events) {
        Map<String, RealmPolicy> policies = new HashMap<>();
        properties.realms().forEach((name, values) -> policies.put(name, values.policy()));
        return new SessionsEndpoint(store, policies, seal, events);
    }
}
