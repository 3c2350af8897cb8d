package io.portcullis.configuration;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;

/** Binds what can be bound of everything under {@code portcullis}; what cannot is a problem, and its default stands in for it. */
final class PropertiesBinding {
    private static final String PREFIX = "portcullis";

    private final Binder binder;
    private final PropertyLookup lookup;

    PropertiesBinding(Binder binder, PropertyLookup lookup) {
        this.binder = binder;
        this.lookup = lookup;
    }

    PortcullisProperties bind(List<String> problems) {
        Bindable<PortcullisProperties> target = Bindable.of(PortcullisProperties.class);
        Set<ConfigurationPropertyName> known = new HashSet<>();
        AbstractBindHandler collecting = new AbstractBindHandler() {
            @Override
            public <T> Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> bindable, BindContext context) {
                known.add(name);
                return bindable;
            }

            @Override
            public @Nullable Object onFailure(
                    ConfigurationPropertyName name, Bindable<?> bindable, BindContext context, Exception error) {
                if (!lookup.isUnresolved(name.toString())) {
                    problems.add(lookup.named(name.toString()) + ": "
                            + misfit(
                                    String.valueOf(lookup.value(name.toString())),
                                    bindable.getType().toClass()));
                }
                return null;
            }
        };
        PortcullisProperties properties = binder.bindOrCreate(PREFIX, target, collecting);
        AbstractBindHandler strict =
                new NoUnboundElementsBindHandler(new AbstractBindHandler() {}, new UnboundElementsSourceFilter());
        binder.bindOrCreate(PREFIX, target, new AbstractBindHandler(strict) {
            @Override
            public @Nullable Object onFailure(
                    ConfigurationPropertyName name, Bindable<?> bindable, BindContext context, Exception error) {
                if (error instanceof UnboundConfigurationPropertiesException unbound) {
                    unbound.getUnboundProperties().stream()
                            .map(ConfigurationProperty::getName)
                            .filter(unknown -> !known.contains(unknown))
                            .forEach(unknown -> problems.add(unknown + ": there is no such property"));
                }
                return null;
            }
        });
        return properties;
    }

    private static String misfit(String value, Class<?> type) {
        if (type == Path.class) {
            // it may be the key itself
            return "is not the path of a file";
        }
        if (type == Instant.class) {
            return "'" + value + "' is not a time such as 2026-05-04T10:00:00Z";
        }
        return "'" + value + "' is not "
                + (type.isEnum()
                        ? "one of "
                                + Arrays.toString(type.getEnumConstants())
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '-')
                        : "a " + type.getSimpleName());
    }
}
