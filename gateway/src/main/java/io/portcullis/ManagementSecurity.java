package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.OperatorsProperties;
import io.portcullis.configuration.OperatorsProperties.AttemptsProperties;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.operations.OperatorAttempts;
import io.portcullis.operations.OperatorEvents;
import io.portcullis.operations.OperatorPasswords;
import io.portcullis.operations.OperatorSecurity;
import java.net.InetAddress;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.context.annotation.Bean;
import org.springframework.web.server.WebFilter;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The wiring of the management port alone, named in
 * {@code META-INF/spring/org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration.imports}. Without
 * an annotation, which the scan for components would find: the public port must not have this filter.
 */
class ManagementSecurity {
    private static final Logger log = LoggerFactory.getLogger(ManagementSecurity.class);
    private static final EndpointId SESSIONS = EndpointId.of("sessions");
    /** A password's check takes a core for a tenth of a second. */
    private static final int THREADS = 2;

    private static final int WAITING_PER_THREAD = 16;
    private static final int IDLE_SECONDS = 60;

    @Bean(destroyMethod = "dispose")
    Scheduler passwordChecks() {
        return Schedulers.newBoundedElastic(THREADS, WAITING_PER_THREAD, "password-checks", IDLE_SECONDS, true);
    }

    @Bean
    WebFilter operatorSecurity(
            PathMappedEndpoints endpoints,
            PortcullisProperties properties,
            ManagementServerProperties management,
            Scheduler passwordChecks,
            MeterRegistry registry,
            OperatorEvents events) {
        String path = endpoints.getPath(SESSIONS);
        if (path == null) {
            return (exchange, chain) -> chain.filter(exchange);
        }
        OperatorsProperties operators = properties.operators();
        InetAddress address = management.getAddress();
        boolean isOnLoopback = address != null && address.isLoopbackAddress();
        if (operators.passwords().isEmpty() && operators.certificates().isEmpty() && !isOnLoopback) {
            log.info(
                    "Nobody may use {}: there are no portcullis.operators, and management.server.address is not a"
                            + " loopback address",
                    path);
        }
        AttemptsProperties limit = operators.attempts();
        OperatorAttempts attempts = new OperatorAttempts(
                limit.perMinute(), limit.burst(), properties.refresh().limit().ipv6Prefix(), limit.tracked(), registry);
        return OperatorSecurity.filter(
                path,
                operators.passwords().isEmpty()
                        ? null
                        : new OperatorPasswords(operators.passwords(), attempts, passwordChecks),
                Set.copyOf(operators.certificates()),
                isOnLoopback,
                events);
    }
}
