package io.portcullis.configuration;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What backends are told of the client, and whom the gateway believes what it says of it.
 *
 * @param trustedProxies addresses and CIDR ranges of the proxies in front of the gateway; what anybody else says of a client is dropped
 * @param trustedHeaders the headers in which these proxies say it; they must set them, or drop those of clients
 * @param headers the headers in which backends are told
 */
public record ForwardedProperties(
        @DefaultValue List<String> trustedProxies,
        @DefaultValue("x-forwarded") TrustedHeaders trustedHeaders,
        @DefaultValue("x-forwarded") SentHeaders headers) {

    /** The headers that are believed. */
    public enum TrustedHeaders {
        X_FORWARDED,
        FORWARDED
    }

    /** The headers that are sent. */
    public enum SentHeaders {
        X_FORWARDED,
        FORWARDED,
        BOTH,
        NONE;

        public boolean xForwarded() {
            return this == X_FORWARDED || this == BOTH;
        }

        public boolean forwarded() {
            return this == FORWARDED || this == BOTH;
        }
    }

    /** Who is a trusted proxy; the ranges have been checked. */
    public Predicate<InetAddress> trusted() {
        List<AddressRange> ranges = trustedProxies.stream()
                .map(AddressRange::parse)
                .map(Objects::requireNonNull)
                .toList();
        return address -> ranges.stream().anyMatch(range -> range.contains(address));
    }

    void check(String name, List<String> problems) {
        trustedProxies.stream()
                .filter(range -> AddressRange.parse(range) == null)
                .forEach(range -> problems.add(name + ": '" + range
                        + "' is not an address or a CIDR range such as 10.0.0.0/8 or 2001:db8::/32"));
    }
}
