package io.portcullis.configuration;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the management port would give to whom. */
final class ManagementCheck {
    private static final String EXPOSED = "management.endpoints.web.exposure.include";
    private static final Set<String> FOR_ANYBODY =
            Set.of("health", "info", "prometheus", "metrics", "sbom", "sessions");
    private static final String HEAP_DUMP = "management.endpoint.heapdump.access";
    private static final List<String> SHOW_VALUES =
            List.of("management.endpoint.env.show-values", "management.endpoint.configprops.show-values");

    private final PropertyLookup properties;

    ManagementCheck(PropertyLookup properties) {
        this.properties = properties;
    }

    void check(List<String> problems) {
        checkExposed(problems);
        checkSecrets(problems);
    }

    /** Where others reach the port nobody asks who they are, but at {@code sessions}. */
    private void checkExposed(List<String> problems) {
        if (Loopback.is(properties.value("management.server.address"))) {
            return;
        }
        for (String endpoint : properties.list(EXPOSED)) {
            if (!FOR_ANYBODY.contains(endpoint.replace("-", "").toLowerCase(Locale.ROOT))) {
                problems.add(properties.named(EXPOSED) + ": opens '" + endpoint + "' to whoever reaches the management"
                        + " port; allowed are health, info, prometheus, metrics, sbom and sessions, or any where"
                        + " management.server.address is a loopback address");
            }
        }
    }

    /** Whoever is on the machine may see what goes on here, and still no secret. */
    private void checkSecrets(List<String> problems) {
        if (!isNone(properties.value(HEAP_DUMP))) {
            problems.add(properties.named(HEAP_DUMP)
                    + ": is not none: a heap dump holds all keys, and the tokens of the moment");
        }
        for (String property : SHOW_VALUES) {
            String value = properties.value(property);
            if (value != null && !value.equalsIgnoreCase("never")) {
                problems.add(properties.named(property) + ": is not never: the values hold passwords and secrets");
            }
        }
    }

    /** That it says nothing is not enough: management.endpoints.access.default would be looked at. */
    private static boolean isNone(@Nullable String access) {
        return "none".equalsIgnoreCase(access);
    }
}
