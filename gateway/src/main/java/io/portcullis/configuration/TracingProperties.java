package io.portcullis.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Traces, by OpenTelemetry.
 *
 * @param endpoint the collector's address for traces, OTLP over HTTP; not set, nothing is traced and the client's trace headers
 *     pass as they are
 * @param sampling the share of the traces that begin here which is recorded, 0 to 1; a client that brings a trace has decided
 *     itself
 */
public record TracingProperties(
        @Nullable String endpoint, @DefaultValue("0.1") double sampling) {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    void check(UnaryOperator<String> name, List<String> problems) {
        if (endpoint != null && !isAddress(endpoint)) {
            problems.add(name.apply("endpoint")
                    + ": is not an http or https address such as http://collector:4318/v1/traces, without a user");
        }
        if (!(sampling >= 0 && sampling <= 1)) {
            problems.add(name.apply("sampling") + ": is not between 0 and 1");
        }
    }

    private static boolean isAddress(String text) {
        try {
            URI address = new URI(text);
            return SCHEMES.contains(String.valueOf(address.getScheme()))
                    && address.getHost() != null
                    && address.getPort() <= 65535
                    && address.getRawUserInfo() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
