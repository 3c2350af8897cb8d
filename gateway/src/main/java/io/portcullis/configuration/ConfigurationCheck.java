package io.portcullis.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Reads the whole configuration before anything else is made of it, and stops the start with everything that is wrong at
 * once.
 */
public final class ConfigurationCheck implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final int DEFAULT_PORT = 8080;
    private static final String ROUTES = "spring.cloud.gateway.server.webflux.routes";
    private static final String ROUTES_OF_OLD = "spring.cloud.gateway.routes";
    private static final String FORWARD_HEADERS_STRATEGY = "server.forward-headers-strategy";
    private static final String TRUSTED_PROXIES_OF_SPRING = "spring.cloud.gateway.server.webflux.trusted-proxies";
    private static final Set<String> ROUTE_SCHEMES = Set.of("http", "https", "lb", "forward");
    private static final List<String> ROUTE_TIMEOUTS = List.of("response-timeout", "connect-timeout");
    private static final List<String> PRINT_TOKENS = List.of(
            "spring.cloud.gateway.server.webflux.httpclient.wiretap",
            "spring.cloud.gateway.server.webflux.httpserver.wiretap",
            "spring.http.codecs.log-request-details");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        List<String> problems = problems(context.getEnvironment());
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
    }

    static List<String> problems(ConfigurableEnvironment environment) {
        PropertyLookup properties = new PropertyLookup(environment);
        List<String> problems = new ArrayList<>(properties.unresolved());
        checkPorts(properties, problems);
        new ManagementCheck(properties).check(problems);
        new RedisCheck(properties).check(problems);
        checkRoutes(properties, problems);
        checkForwarding(properties, problems);
        checkPrinting(properties, problems);
        new PortcullisPropertiesCheck(Binder.get(environment), properties).check(problems);
        return problems.stream().distinct().toList();
    }

    private static void checkPorts(PropertyLookup properties, List<String> problems) {
        Integer port = port("server.port", properties, problems);
        Integer managementPort = port("management.server.port", properties, problems);
        if (properties.value("management.server.port") == null
                || (port != null && port != 0 && port.equals(managementPort))) {
            problems.add(properties.named("management.server.port")
                    + ": is not set, or is the public port, which would open the management endpoints to everyone");
        }
    }

    private static @Nullable Integer port(String property, PropertyLookup properties, List<String> problems) {
        String value = properties.value(property);
        if (value == null) {
            return DEFAULT_PORT;
        }
        if (!value.matches("\\d{1,5}") || Integer.parseInt(value) > 65535) {
            problems.add(properties.named(property) + ": '" + value + "' is not a port");
            return null;
        }
        return Integer.valueOf(value);
    }

    private static void checkRoutes(PropertyLookup properties, List<String> problems) {
        if (properties.value(ROUTES_OF_OLD + "[0].uri") != null || properties.value(ROUTES_OF_OLD + "[0].id") != null) {
            problems.add(ROUTES_OF_OLD + ": is ignored by Spring Cloud Gateway 5, the name is now " + ROUTES);
        }
        for (int i = 0; i < 1000; i++) {
            String property = ROUTES + "[" + i + "].uri";
            String value = properties.value(property);
            if (value != null && !isRouteTarget(uri(value))) {
                problems.add(properties.named(property) + ": '" + value.replaceFirst(".*@", "***@")
                        + "' is not the address of a backend; http://host[:port], without a user or a path");
            }
            checkTimeouts(ROUTES + "[" + i + "].metadata.", properties, problems);
        }
    }

    /** One would be ignored, the other fail each request. */
    private static void checkTimeouts(String metadata, PropertyLookup properties, List<String> problems) {
        for (String timeout : ROUTE_TIMEOUTS) {
            String value = properties.value(metadata + timeout);
            if (value != null && !value.matches("response-timeout".equals(timeout) ? "\\d{1,9}|-1" : "\\d{1,9}")) {
                problems.add(
                        properties.named(metadata + timeout) + ": '" + value + "' is not a number of milliseconds");
            }
        }
    }

    private static void checkForwarding(PropertyLookup properties, List<String> problems) {
        String strategy = properties.value(FORWARD_HEADERS_STRATEGY);
        if (strategy != null && !strategy.equalsIgnoreCase("none")) {
            problems.add(properties.named(FORWARD_HEADERS_STRATEGY) + ": is not none: X-Forwarded-For would be believed"
                    + " whoever wrote it; list the proxies in portcullis.forwarded.trusted-proxies instead");
        }
        if (properties.value(TRUSTED_PROXIES_OF_SPRING) != null) {
            problems.add(properties.named(TRUSTED_PROXIES_OF_SPRING)
                    + ": is not used here, list the proxies in portcullis.forwarded.trusted-proxies instead");
        }
    }

    private static void checkPrinting(PropertyLookup properties, List<String> problems) {
        for (String property : PRINT_TOKENS) {
            if ("true".equalsIgnoreCase(properties.value(property))) {
                problems.add(properties.named(property) + ": is true: the log would hold tokens and passwords");
            }
        }
    }

    private static boolean isRouteTarget(@Nullable URI uri) {
        if (uri == null) {
            return false;
        }
        if ("no".equals(uri.getScheme())) {
            return true;
        }
        boolean bare = (uri.getRawPath() == null || uri.getRawPath().matches("/?"))
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && uri.getRawUserInfo() == null
                && uri.getPort() <= 65535;
        return ROUTE_SCHEMES.contains(String.valueOf(uri.getScheme()))
                && ("forward".equals(uri.getScheme()) || (uri.getHost() != null && bare));
    }

    private static @Nullable URI uri(String value) {
        try {
            return new URI(value);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
