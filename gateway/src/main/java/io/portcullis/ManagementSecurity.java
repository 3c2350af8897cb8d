package io.portcullis;

import io.portcullis.configuration.OperatorsProperties;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.operations.OperatorEvents;
import io.portcullis.operations.OperatorSecurity;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.context.annotation.Bean;
import org.springframework.web.server.WebFilter;

/**
 * The wiring of the management port alone, named in
 * {@code META-INF/spring/org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration.imports}. Without
 * an annotation, which the scan for components would find: the public port must not have this filter.
 */
class ManagementSecurity {
    private static final EndpointId SESSIONS = EndpointId.of("sessions");

    @Bean
    WebFilter operatorSecurity(PathMappedEndpoints endpoints, PortcullisProperties properties, OperatorEvents events) {
        OperatorsProperties operators = properties.operators();
        String path = endpoints.getPath(SESSIONS);
        return path == null
                ? (exchange, chain) -> chain.filter(exchange)
                : OperatorSecurity.filter(path, operators.passwords(), Set.copyOf(operators.certificates()), events);
    }
}
