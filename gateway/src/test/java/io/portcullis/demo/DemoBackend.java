package io.portcullis.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small application that knows nothing of the gateway: users log in, in both realms, look at themselves and log out. It
 * would refresh tokens too, and shouts when it is asked to.
 */
public final class DemoBackend implements AutoCloseable {
    /** The password of everybody. */
    public static final String PASSWORD = "open sesame";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration ACCESS_TOKENS_LIVE = Duration.ofMinutes(30);

    static {
        // its first use takes a lock, which event loops may not wait for
        JSON.readTree("{}");
    }

    private final OctetSequenceKey key;
    private final long accessTokenSeconds;
    private final DisposableServer server;
    private final AtomicInteger refreshesReached = new AtomicInteger();

    private DemoBackend(OctetSequenceKey key, Duration accessTokensLive, Consumer<HttpServerRoutes> more) {
        this.key = key;
        this.accessTokenSeconds = accessTokensLive.toSeconds();
        this.server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> {
                    more.accept(routes);
                    routes(routes);
                })
                .bindNow();
    }

    /** Starts it on a free loopback port. */
    public static DemoBackend start(OctetSequenceKey accessTokenKey) {
        return start(accessTokenKey, routes -> {});
    }

    /** Starts it on a free loopback port, with access tokens that live for so many seconds. */
    public static DemoBackend start(OctetSequenceKey accessTokenKey, Duration accessTokensLive) {
        return new DemoBackend(accessTokenKey, accessTokensLive, routes -> {});
    }

    /** Starts it on a free loopback port, with more routes than its own. */
    public static DemoBackend start(OctetSequenceKey accessTokenKey, Consumer<HttpServerRoutes> more) {
        return new DemoBackend(accessTokenKey, ACCESS_TOKENS_LIVE, more);
    }

    public String uri() {
        return "http://127.0.0.1:" + server.port();
    }

    /** How many requests came to this application's own refresh endpoint: it should be none. */
    public int refreshesReached() {
        return refreshesReached.get();
    }

    @Override
    public void close() {
        server.disposeNow();
    }

    private void routes(HttpServerRoutes routes) {
        routes.post("/api/auth/login", (request, response) -> login(request, response, "dashboard"))
                .post("/api/auth/local/login", (request, response) -> login(request, response, "app"))
                .post("/api/auth/logout", this::logout)
                .post("/api/auth/local/logout", this::logout)
                .get("/api/me", this::me)
                .route(request -> request.path().contains("refresh"), this::refresh);
    }

    private Mono<Void> login(HttpServerRequest request, HttpServerResponse response, String realm) {
        return request.receive()
                .aggregate()
                .asString(StandardCharsets.UTF_8)
                .defaultIfEmpty("")
                .flatMap(body -> {
                    Optional<String> email = email(body);
                    return email.isEmpty()
                            ? json(response, 401, Map.of("error", "Invalid credentials"))
                            : json(response, 200, session(email.get(), realm));
                });
    }

    private static Optional<String> email(String body) {
        try {
            JsonNode credentials = JSON.readTree(body);
            boolean known = credentials.path("email").isString()
                    && PASSWORD.equals(credentials.path("password").asString(""));
            return known ? Optional.of(credentials.path("email").asString()) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private Map<String, Object> session(String email, String realm) {
        String id = "usr_" + Integer.toHexString(email.hashCode());
        Instant now = Instant.now();
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .subject(id)
                .claim("email", email)
                .claim("role", "member")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(accessTokenSeconds)));
        Map<String, Object> user = new LinkedHashMap<>();
        user.put(realm.equals("app") ? "id" : "_id", id);
        user.put("email", email);
        user.put("role", "member");
        if (realm.equals("app")) {
            claims.claim("projectId", "prj_demo");
        } else {
            user.put("org", Map.of("_id", "org_demo", "name", "Demo", "slug", "demo"));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("message", "Login successful");
        answer.put("token", sign(claims.build()));
        answer.put(
                "refreshToken",
                sign(new JWTClaimsSet.Builder()
                        .subject(id)
                        .jwtID(UUID.randomUUID().toString())
                        .expirationTime(Date.from(now.plusSeconds(7 * 86400)))
                        .build()));
        answer.put("expiresIn", accessTokenSeconds);
        answer.put("user", user);
        return answer;
    }

    private Mono<Void> me(HttpServerRequest request, HttpServerResponse response) {
        return bearer(request)
                .map(claims -> json(response, 200, claims.toJSONObject()))
                .orElseGet(() -> json(response, 401, Map.of("error", "Invalid token.")));
    }

    private Mono<Void> logout(HttpServerRequest request, HttpServerResponse response) {
        return bearer(request)
                .map(claims -> json(response, 200, Map.of("message", "Logged out")))
                .orElseGet(() -> json(response, 401, Map.of("error", "Invalid token.")));
    }

    private Mono<Void> refresh(HttpServerRequest request, HttpServerResponse response) {
        refreshesReached.incrementAndGet();
        System.err.println("!!! THE BACKEND'S OWN REFRESH ENDPOINT WAS REACHED: " + request.method() + " "
                + request.uri() + " - the gateway let it through !!!");
        return json(response, 500, Map.of("error", "The backend's refresh endpoint was reached"));
    }

    private Optional<JWTClaimsSet> bearer(HttpServerRequest request) {
        String header = Optional.ofNullable(request.requestHeaders().get("Authorization"))
                .orElse("");
        try {
            SignedJWT token = SignedJWT.parse(header.replaceFirst("^Bearer ", ""));
            JWTClaimsSet claims = token.getJWTClaimsSet();
            boolean valid = token.verify(new MACVerifier(key))
                    && claims.getExpirationTime().after(new Date());
            return valid ? Optional.of(claims) : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    private String sign(JWTClaimsSet claims) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .type(JOSEObjectType.JWT)
                            .build(),
                    claims);
            token.sign(new MACSigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mono<Void> json(HttpServerResponse response, int status, Map<String, ?> body) {
        return response.status(status)
                .header("Content-Type", "application/json; charset=utf-8")
                .sendByteArray(Mono.just(JSON.writeValueAsBytes(body)))
                .then();
    }
}
