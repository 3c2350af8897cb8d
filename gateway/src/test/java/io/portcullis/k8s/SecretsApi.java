package io.portcullis.k8s;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** As much of the API of Kubernetes as makes Secrets: 201, 409 for one that is there, 401 for a stranger. */
final class SecretsApi implements AutoCloseable {
    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final String token;
    private final DisposableServer server;

    private SecretsApi(String namespace, String token) {
        this.token = token;
        this.server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.post(
                        "/api/v1/namespaces/" + namespace + "/secrets",
                        (request, response) -> request.receive()
                                .aggregate()
                                .asString(StandardCharsets.UTF_8)
                                .flatMap(body -> response.status(make(request, body))
                                        .sendString(Mono.just("{}"))
                                        .then())))
                .bindNow();
    }

    static SecretsApi start(String namespace, String token) {
        return new SecretsApi(namespace, token);
    }

    private int make(HttpServerRequest request, String body) {
        if (!("Bearer " + token).equals(request.requestHeaders().get("Authorization"))) {
            return 401;
        }
        JsonNode secret = JsonMapper.shared().readTree(body);
        String name = secret.at("/metadata/name").asString();
        if (keys().stream().anyMatch(key -> key.startsWith(name + "/"))) {
            return 409;
        }
        secret.path("stringData")
                .properties()
                .forEach(entry -> secrets.put(
                        name + "/" + entry.getKey(), entry.getValue().asString()));
        return 201;
    }

    String uri() {
        return "http://127.0.0.1:" + server.port();
    }

    /** What was made, as {@code name/key}. */
    TreeSet<String> keys() {
        return new TreeSet<>(secrets.keySet());
    }

    String value(String key) {
        return secrets.get(key);
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
