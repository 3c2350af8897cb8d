package io.portcullis.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An address that reuses and revocations are posted to. Both the address and the secret may let somebody in: neither is ever
 * printed.
 *
 * @param uri `http` or `https`; not set, nothing is posted
 * @param secret the base64 of at least 32 random bytes, with or without `whsec_` before it
 * @param timeout how long one post may take
 * @param concurrency how many posts may be under way at once
 * @param giveUpAfter how long an event is posted again and again before it is dropped
 */
public record WebhookProperties(
        @Nullable String uri,
        @Nullable String secret,
        @DefaultValue("5s") Duration timeout,
        @DefaultValue("4") int concurrency,
        @DefaultValue("1h") Duration giveUpAfter) {
    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final String SECRET_PREFIX = "whsec_";
    private static final int SECRET_BYTES_MIN = 32;
    private static final int CONCURRENCY_MAX = 64;

    /** The address; null if nothing is posted or it is none. */
    public @Nullable URI address() {
        try {
            URI address = uri == null || uri.isBlank() ? null : new URI(uri.trim());
            return address == null || isUsable(address) ? address : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static boolean isUsable(URI address) {
        return SCHEMES.contains(String.valueOf(address.getScheme()))
                && address.getHost() != null
                && address.getPort() <= 65535
                && address.getRawUserInfo() == null
                && address.getRawFragment() == null;
    }

    /** The secret's bytes; empty if it is not set or no base64. */
    public byte[] key() {
        try {
            String text = secret == null ? "" : secret.trim();
            return Base64.getDecoder()
                    .decode(text.startsWith(SECRET_PREFIX) ? text.substring(SECRET_PREFIX.length()) : text);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    void check(UnaryOperator<String> name, List<String> problems) {
        if (concurrency < 1 || concurrency > CONCURRENCY_MAX) {
            problems.add(name.apply("concurrency") + ": is not between 1 and " + CONCURRENCY_MAX);
        }
        if (uri == null || uri.isBlank()) {
            if (secret != null) {
                problems.add(name.apply("uri") + ": is not set, and secret is");
            }
            return;
        }
        if (address() == null) {
            problems.add(name.apply("uri") + ": is not an http or https address without a user and a fragment");
        }
        if (key().length < SECRET_BYTES_MIN) {
            problems.add(name.apply("secret") + ": is not the base64 of at least " + SECRET_BYTES_MIN + " bytes");
        }
    }

    @Override
    public String toString() {
        return "WebhookProperties";
    }
}
