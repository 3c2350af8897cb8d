package io.portcullis.operations;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * An address that events are posted to, signed as Standard Webhooks has it (standardwebhooks.com, 1.0.0): HMAC-SHA256 over
 * id, time and body, in the header {@code webhook-signature}. Any 2xx means that the event was taken; redirects are not
 * followed.
 */
final class Webhook {
    private static final String ALGORITHM = "HmacSHA256";

    private final URI uri;
    private final SecretKey secret;
    private final Duration timeout;
    private final InstantSource clock;
    private final HttpClient client;

    /**
     * An address.
     *
     * @param secret at least 32 bytes
     * @param timeout how long one post may take, from the connection to the answer's status
     * @param connections how many may be open
     * @param loops what they are on
     */
    Webhook(URI uri, byte[] secret, Duration timeout, int connections, LoopResources loops, InstantSource clock) {
        this.uri = uri;
        this.secret = new SecretKeySpec(secret, ALGORITHM);
        this.timeout = timeout;
        this.clock = clock;
        ConnectionProvider pool = ConnectionProvider.builder("webhook")
                .maxConnections(connections)
                .maxIdleTime(Duration.ofSeconds(30))
                .build();
        this.client = HttpClient.create(pool)
                .runOn(loops)
                .followRedirect(false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()));
    }

    /** Completes when the event was taken, else errors with what was wrong. */
    Mono<Void> post(SessionEvent event) {
        byte[] body = event.json().getBytes(StandardCharsets.UTF_8);
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        String signature = sign(event.id(), timestamp, body);
        return client.headers(headers -> headers.set("Content-Type", "application/json")
                        .set("Content-Length", body.length)
                        .set("webhook-id", event.id())
                        .set("webhook-timestamp", timestamp)
                        .set("webhook-signature", signature))
                .post()
                .uri(uri)
                .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)))
                .response()
                .timeout(timeout)
                .flatMap(Webhook::taken);
    }

    private static Mono<Void> taken(HttpClientResponse response) {
        int status = response.status().code();
        return status >= 200 && status < 300 ? Mono.empty() : Mono.error(new IOException("answered " + status));
    }

    private String sign(String id, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JRE has " + ALGORITHM, e);
        }
    }
}
