package io.portcullis.configuration;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/** Properties with the name by which a deployer knows them: the variable that sets them, where one does. */
final class PropertyLookup {
    private final ConfigurableEnvironment environment;

    PropertyLookup(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /** The resolved value; null if it is not set, blank, or refers to something that is not set. */
    @Nullable
    String value(String property) {
        try {
            String value = environment.getProperty(property);
            return value == null || value.isBlank() ? null : value.trim();
        } catch (IllegalArgumentException e) {
            // an unresolvable placeholder, which unresolved() reports
            return null;
        }
    }

    /** For example {@code portcullis.realms.app.access-token-keys (${ACCESS_TOKEN_KEYS})}. */
    String named(String property) {
        ConfigurationProperty found = find(property);
        if (found == null) {
            return property;
        }
        if (found.getOrigin() instanceof SystemEnvironmentOrigin variable) {
            return property + " (" + variable.getProperty() + ")";
        }
        String raw = String.valueOf(found.getValue());
        return raw.contains("${") ? property + " (" + raw + ")" : property;
    }

    private @Nullable ConfigurationProperty find(String property) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A sentence for each property of the configuration files that refers to something that is not set. */
    List<String> unresolved() {
        List<String> problems = new ArrayList<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof OriginTrackedMapPropertySource file) {
                for (String property : file.getPropertyNames()) {
                    Object raw = file.getProperty(property);
                    if (raw != null && !resolves(raw.toString())) {
                        problems.add(property + ": " + raw + " is not set");
                    }
                }
            }
        }
        return problems;
    }

    private boolean resolves(String raw) {
        try {
            return !environment.resolveRequiredPlaceholders(raw).isBlank() || !raw.contains("${");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
