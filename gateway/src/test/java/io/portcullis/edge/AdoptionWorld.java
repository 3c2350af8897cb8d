package io.portcullis.edge;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A gateway in front of a backend that minted refresh tokens before, with a key that nobody else has, and that exchanges them
 * as it is told to. The access tokens of the app have a project, those of the dashboard have none.
 */
final class AdoptionWorld implements AutoCloseable {
    private final OctetSequenceKey backendsOwn;
    private final DemoKeys own = DemoKeys.generate();
    private final DemoKeys keys = DemoKeys.generate();
    private final RawBackend backend = RawBackend.start();
    private final TestGateway gateway;
    private final List<TestGateway> replicas = new ArrayList<>();

    AdoptionWorld(String... properties) {
        backendsOwn = own.accessTokenKey();
        gateway = TestGateway.start(keys, backend.uri(), with(properties));
    }

    private String[] with(String... properties) {
        Stream<String> adoption = Stream.of(
                "portcullis.adoption.backend-uri=" + backend.uri() + "/api/auth/refresh",
                "portcullis.realms.app.adoption.mode=backend",
                "portcullis.realms.app.adoption.required-claims.projectId=*",
                "portcullis.realms.dashboard.adoption.mode=backend");
        return Stream.concat(adoption, Arrays.stream(properties)).toArray(String[]::new);
    }

    /** Another replica, which ends with this. */
    TestGateway replica(String... properties) {
        TestGateway replica = gateway.replica(backend.uri(), with(properties));
        replicas.add(replica);
        return replica;
    }

    TestGateway gateway() {
        return gateway;
    }

    RawBackend backend() {
        return backend;
    }

    DemoKeys keys() {
        return keys;
    }

    /** A refresh token that the backend minted. */
    String oldToken() {
        return oldToken("\"exp\":" + (Instant.now().getEpochSecond() + 3600));
    }

    String oldToken(String claims) {
        return Tokens.sign(backendsOwn, "{\"sub\":\"usr_1\",\"jti\":\"" + UUID.randomUUID() + "\"," + claims + "}");
    }

    /** Where Redis has the adoption of a token. */
    static String adoptionOf(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII));
            return "portcullis:{" + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16))
                    + "}:adoption";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on the backend exchanges every refresh token for an access token with those claims. */
    void exchangesFor(String claims) {
        answers(200, tokens(access(claims)));
    }

    /** An access token that the backend minted. */
    String access(String claims) {
        long now = Instant.now().getEpochSecond();
        return Tokens.sign(keys.accessTokenKey(), "{" + claims + ",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
    }

    String tokens(String accessToken) {
        return "{\"message\":\"ok\",\"token\":\"" + accessToken + "\",\"refreshToken\":\"" + oldToken()
                + "\",\"expiresIn\":1800}";
    }

    void answers(int status, String json, String... headers) {
        StringBuilder more = new StringBuilder();
        for (String header : headers) {
            more.append(header).append("\r\n");
        }
        backend.answerWith("HTTP/1.1 " + status + " x\r\nContent-Type: application/json\r\n" + more + "Content-Length: "
                + json.length() + "\r\n\r\n" + json);
    }

    List<CompletableFuture<HttpResponse<String>>> atOnce(int uses, String token) {
        return IntStream.range(0, uses)
                .mapToObj(use -> gateway.client()
                        .sendAsync(
                                gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                                        .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + token + "\"}"))
                                        .build(),
                                BodyHandlers.ofString()))
                .toList();
    }

    @Override
    public void close() {
        replicas.forEach(TestGateway::close);
        gateway.close();
        backend.close();
        keys.close();
        own.close();
    }
}
