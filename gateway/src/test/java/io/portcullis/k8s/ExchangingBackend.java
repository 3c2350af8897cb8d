package io.portcullis.k8s;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.demo.DemoBackend;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/** The demo's application, which exchanges refresh tokens as it did before there was a gateway, and serves one host. */
final class ExchangingBackend implements AutoCloseable {
    private static final String CREDENTIALS =
            "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";

    private final AtomicReference<String> tokens = new AtomicReference<>("{}");
    private final AtomicInteger exchanges = new AtomicInteger();
    private final DemoBackend backend;

    ExchangingBackend(OctetSequenceKey accessTokenKey) {
        backend = DemoBackend.start(
                accessTokenKey,
                routes -> routes.get(
                                "/",
                                (request, response) -> response.status(
                                                "api.example.com"
                                                                .equals(request.requestHeaders()
                                                                        .get("Host"))
                                                        ? 200
                                                        : 421)
                                        .send())
                        .post(
                                "/api/auth/refresh",
                                (request, response) -> response.header("Content-Type", "application/json")
                                        .sendString(Mono.fromSupplier(() -> {
                                            exchanges.incrementAndGet();
                                            return tokens.get();
                                        }))));
    }

    String uri() {
        return backend.uri();
    }

    /** How many refresh tokens it was asked to exchange. */
    int exchanges() {
        return exchanges.get();
    }

    /**
     * The answer to a login past the gateway. What the application exchanges from now on, it exchanges for such tokens.
     *
     * @param path of the login, which says the realm
     */
    String login(String path) throws IOException, InterruptedException {
        tokens.set(post(path));
        return post(path);
    }

    private String post(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(uri() + path))
                                .POST(BodyPublishers.ofString(CREDENTIALS))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() {
        backend.close();
    }
}
