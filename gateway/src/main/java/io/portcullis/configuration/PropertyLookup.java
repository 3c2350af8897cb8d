package io.portcullis.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/** Properties with the name by which a deployer knows them: the variable that sets them, where one does. */
final class PropertyLookup {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^${}:]+)");

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

    /** What stands in a list: one after the other, or in one line with commas, as a variable has it. Empty where there is none. */
    List<String> list(String property) {
        try {
            return Binder.get(environment).bind(property, Bindable.listOf(String.class)).orElse(List.of()).stream()
                    .map(String::trim)
                    .filter(entry -> !entry.isEmpty())
                    .toList();
        } catch (BindException e) {
            // an unresolvable placeholder, which unresolved() reports
            return List.of();
        }
    }

    /** For example {@code portcullis.realms.app.access-token-keys (${ACCESS_TOKEN_KEYS})}. */
    String named(String property) {
        ConfigurationProperty found = find(property);
        if (found == null) {
            return property;
        }
        if (found.getOrigin() instanceof PropertySourceOrigin origin
                && origin.getOrigin() instanceof SystemEnvironmentOrigin variable) {
            return property + " (" + variable.getProperty() + ")";
        }
        List<String> variables = variables(String.valueOf(found.getValue()));
        return variables.isEmpty() ? property : property + " (" + inBraces(variables) + ")";
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
                    String raw = String.valueOf(file.getProperty(property));
                    if (!resolves(raw) && counts(property, raw)) {
                        problems.add(property + ": " + inBraces(unset(raw)) + " is not set");
                    }
                }
            }
        }
        return problems;
    }

    /** Whether {@link #unresolved} says already that the property has no value. */
    boolean isUnresolved(String property) {
        ConfigurationProperty found = find(property);
        return found != null && !resolves(String.valueOf(found.getValue()));
    }

    /** A property may be set elsewhere, where it wins. */
    private boolean counts(String property, String raw) {
        ConfigurationProperty found = find(property);
        return found == null || raw.equals(String.valueOf(found.getValue()));
    }

    private boolean resolves(String raw) {
        try {
            return !raw.contains("${")
                    || !environment.resolveRequiredPlaceholders(raw).isBlank();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private List<String> unset(String raw) {
        List<String> unset =
                variables(raw).stream().filter(name -> value(name) == null).toList();
        return unset.isEmpty() ? variables(raw) : unset;
    }

    /** The names in the placeholders; what stands around them, and their defaults, may be secret. */
    private static List<String> variables(String raw) {
        return VARIABLE.matcher(raw).results().map(name -> name.group(1)).toList();
    }

    private static String inBraces(List<String> variables) {
        return variables.stream().map(name -> "${" + name + "}").collect(Collectors.joining(" or "));
    }
}
