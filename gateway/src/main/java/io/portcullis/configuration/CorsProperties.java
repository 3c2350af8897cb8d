package io.portcullis.configuration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.web.cors.CorsConfiguration;

/**
 * CORS: which pages of other origins may read answers, those of the gateway and those of the backends.
 *
 * @param allowedOrigins origins such as `https://app.example`, or `*`; without any, here and in the patterns, CORS is the backends' business
 * @param allowedOriginPatterns origins with any subdomain, `https://*.app.example`, or any port, `http://localhost:[*]`
 * @param allowedMethods the methods that a preflight allows, or `*`
 * @param allowedHeaders the request headers that a preflight allows, or `*`
 * @param exposedHeaders the answer's headers that a page may read, beside those it always may
 * @param allowCredentials whether pages may send cookies; not with the origin `*`
 * @param maxAge how long a browser may keep the answer to a preflight
 */
public record CorsProperties(
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue List<String> allowedOriginPatterns,

        @DefaultValue({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
        List<String> allowedMethods,

        @DefaultValue("*") List<String> allowedHeaders,
        @DefaultValue List<String> exposedHeaders,
        @DefaultValue("false") boolean allowCredentials,
        @DefaultValue("30m") Duration maxAge) {
    private static final String ANY = CorsConfiguration.ALL;
    private static final String NAME = "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*";
    private static final String ORIGIN = "\\*|[a-z][a-z0-9+.-]*://(" + NAME + "|\\[[0-9a-f:.]+])(:[1-9]\\d{0,4})?";
    private static final String PATTERN =
            "[a-z][a-z0-9+.-]*://(\\*\\.(?=[^.]+\\.)" + NAME + "|" + NAME + ")(:([1-9]\\d{0,4}|\\[\\*]))?";
    private static final String TOKEN = "\\*|[!#$%&'+.^_`|~0-9A-Za-z-]+";

    /** Null if CORS is the backends' business; the values have been checked. */
    public @Nullable CorsConfiguration configuration() {
        if (allowedOrigins.isEmpty() && allowedOriginPatterns.isEmpty()) {
            return null;
        }
        CorsConfiguration cors = new CorsConfiguration();
        cors.setAllowedOrigins(allowedOrigins);
        cors.setAllowedOriginPatterns(allowedOriginPatterns);
        cors.setAllowedMethods(allowedMethods);
        cors.setAllowedHeaders(allowedHeaders);
        cors.setExposedHeaders(exposedHeaders);
        cors.setAllowCredentials(allowCredentials);
        cors.setMaxAge(maxAge);
        return cors;
    }

    /** A sentence a mistake, each beginning with the name of its property under this record. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        misfits(problems, "allowed-origins", allowedOrigins, ORIGIN, "an origin such as https://app.example, or *");
        misfits(
                problems,
                "allowed-origin-patterns",
                allowedOriginPatterns,
                PATTERN,
                "an origin with *. before its domain or [*] as its port");
        misfits(problems, "allowed-methods", allowedMethods, "\\*|[A-Z-]+", "a method in capitals, or *");
        misfits(problems, "allowed-headers", allowedHeaders, TOKEN, "a header's name, or *");
        misfits(problems, "exposed-headers", exposedHeaders, TOKEN, "a header's name, or *");
        if (allowCredentials && allowedOrigins.contains(ANY)) {
            problems.add("allow-credentials: does not go with allowed-origins *, any page could act as the user");
        }
        if (allowCredentials && exposedHeaders.contains(ANY)) {
            problems.add("allow-credentials: does not go with exposed-headers *, which browsers then take for a name");
        }
        if (maxAge.isNegative() || maxAge.toMillis() % 1000 != 0 || maxAge.compareTo(Duration.ofDays(1)) > 0) {
            problems.add("max-age: is not between 0s and 1d in whole seconds");
        }
        return problems;
    }

    private static void misfits(
            List<String> problems, String property, List<String> values, String shape, String what) {
        values.stream()
                .filter(value -> !value.matches(shape))
                .forEach(value -> problems.add(property + ": '" + value + "' is not " + what));
    }
}
