package io.portcullis;

import io.portcullis.demo.DemoKeys;
import io.portcullis.leaks.NoSecretIsPrinted;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole gateway in this process, on free loopback ports, with the routes and realms of {@code config/}, a real Redis
 * server of its own and keys of its own. Whatever blocks an event loop in it fails, and so does an answer of the refresh
 * endpoint that {@code config/openapi.yaml} does not describe.
 */
public final class TestGateway implements AutoCloseable {
    /**
     * All tests are one client, and some of them loop; what wants a limit says so. Operators are on this machine, and it is
     * busy.
     */
    private static final Map<String, Object> DEFAULTS = Map.of(
            "portcullis.overload.delay-max",
            "0s",
            "portcullis.refresh.limit.per-address",
            0,
            "portcullis.refresh.limit.per-session",
            0,
            "management.server.address",
            "127.0.0.1");

    private final DemoKeys keys;
    private final RedisServer redis;
    private final boolean ownsRedis;
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private TestGateway(DemoKeys keys, RedisServer redis, boolean ownsRedis, String backendUri, String... properties) {
        this(keys, redis, ownsRedis, backendUri, application -> {}, properties);
    }

    private TestGateway(
            DemoKeys keys,
            RedisServer redis,
            boolean ownsRedis,
            String backendUri,
            Consumer<SpringApplication> changes,
            String... properties) {
        this.keys = keys;
        this.redis = redis;
        this.ownsRedis = ownsRedis;
        Stream<String> own = Stream.of(
                "server.port=0",
                "management.server.port=0",
                "BACKEND_URI=" + backendUri,
                "ACCESS_TOKEN_KEYS=" + keys.accessTokenKeys(),
                "REFRESH_TOKEN_KEYS=" + keys.refreshTokenKeys());
        if (NoSecretIsPrinted.atTrace()) {
            own = Stream.concat(own, Stream.of("logging.level.root=TRACE"));
        }
        String[] arguments = Stream.concat(own, Arrays.stream(properties))
                .map(property -> "--" + property)
                .toArray(String[]::new);
        SpringApplication application = new SpringApplication(PortcullisApplication.class);
        application.setDefaultProperties(DEFAULTS);
        changes.accept(application);
        this.context = application.run(arguments);
    }

    /**
     * Starts a gateway.
     *
     * @param keys of which the backend has the first
     * @param properties as {@code name=value}; they win over {@code config/}
     */
    public static TestGateway start(DemoKeys keys, String backendUri, String... properties) {
        RedisServer redis = RedisServer.start();
        return new TestGateway(keys, redis, true, backendUri, with(redis, properties));
    }

    /** Starts one whose properties say where Redis is: it has no {@link #redis()} of its own, and no {@link #replica}. */
    public static TestGateway startElsewhere(DemoKeys keys, String backendUri, String... properties) {
        return new TestGateway(keys, null, false, backendUri, properties);
    }

    /**
     * The same with beans that are not the gateway's own.
     *
     * @param changes what is to be done to the application before it starts
     */
    public static TestGateway startChanged(
            DemoKeys keys, String backendUri, Consumer<SpringApplication> changes, String... properties) {
        return new TestGateway(keys, null, false, backendUri, changes, properties);
    }

    private static String[] with(RedisServer redis, String... properties) {
        return Stream.concat(Stream.of("spring.data.redis.url=" + redis.url()), Arrays.stream(properties))
                .toArray(String[]::new);
    }

    /** Starts another replica, on the same Redis and with the same keys. Closing one ends the network threads of all. */
    public TestGateway replica(String backendUri, String... properties) {
        return new TestGateway(keys, redis, false, backendUri, with(redis, properties));
    }

    public int port() {
        return ((ReactiveWebServerApplicationContext) context).getWebServer().getPort();
    }

    public int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    public RedisServer redis() {
        return redis;
    }

    public DemoKeys keys() {
        return keys;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** The beans of the public port, not those of the management port alone. */
    public <T> Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    public HttpClient client() {
        return client;
    }

    public HttpResponse<String> get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    public HttpResponse<String> post(String path, String json, String... headers) {
        return send(request(path, headers)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    public HttpResponse<String> refresh(String refreshToken) {
        return post("/api/auth/refresh", "{\"refreshToken\":\"" + refreshToken + "\"}");
    }

    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
        return headers.length == 0 ? request : request.headers(headers);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request.build(), BodyHandlers.ofString());
    }

    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            HttpResponse<T> response = client.send(request, handler);
            OpenApiDescription.check(response);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri().toString(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
        if (ownsRedis) {
            redis.close();
        }
    }
}
