package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** The contract over HTTP/2: in clear by prior knowledge, and over TLS as the client and the gateway agree. */
class Http2IT {
    private static final MediaType JSON = MediaType.get("application/json");

    private static DemoKeys keys;
    private static DemoBackend backend;
    private static ServerKey key;
    private static TestGateway inClear;
    private static TestGateway overTls;

    /** How a client comes to speak HTTP/2. */
    enum Way {
        PRIOR_KNOWLEDGE,
        ALPN
    }

    private record Answer(int status, Protocol protocol, String body, okhttp3.Headers headers) {
        String member(String name) {
            return JsonMapper.shared().readTree(body).path(name).asString();
        }
    }

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        key = ServerKey.generate();
        inClear = TestGateway.start(keys, backend.uri());
        overTls = TestGateway.start(keys, backend.uri(), key.properties().toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        overTls.close();
        inClear.close();
        key.close();
        backend.close();
        keys.close();
    }

    private static OkHttpClient client(Way way, Protocol... protocols) {
        OkHttpClient.Builder client = new OkHttpClient.Builder().retryOnConnectionFailure(false);
        return way == Way.ALPN
                ? client.protocols(List.of(protocols.length == 0 ? both() : protocols))
                        .sslSocketFactory(key.clientContext().getSocketFactory(), key.trustManager())
                        .build()
                : client.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
    }

    private static Protocol[] both() {
        return new Protocol[] {Protocol.HTTP_2, Protocol.HTTP_1_1};
    }

    private static String url(Way way, String path) {
        return way == Way.ALPN
                ? "https://127.0.0.1:" + overTls.port() + path
                : "http://127.0.0.1:" + inClear.port() + path;
    }

    private static Answer send(OkHttpClient client, Request.Builder request) {
        try (Response response = client.newCall(request.build()).execute()) {
            return new Answer(
                    response.code(), response.protocol(), response.body().string(), response.headers());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Answer post(OkHttpClient client, Way way, String path, String json) {
        return send(client, new Request.Builder().url(url(way, path)).post(RequestBody.create(json, JSON)));
    }

    private static Answer login(OkHttpClient client, Way way) {
        return post(
                client,
                way,
                "/api/auth/login",
                "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
    }

    private static Answer refresh(OkHttpClient client, Way way, String token) {
        return post(client, way, "/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}");
    }

    @ParameterizedTest
    @EnumSource
    @SecurityLine(32)
    void theContractHolds(Way way) {
        OkHttpClient client = client(way);

        Answer login = login(client, way);
        Answer rotated = refresh(client, way, login.member("refreshToken"));
        Answer incomplete = post(client, way, "/api/auth/refresh", "{}");
        Answer refused = refresh(client, way, "a.b");
        Answer otherMethod = send(client, new Request.Builder().url(url(way, "/api/auth/refresh")));
        Answer tooLarge = refresh(client, way, "x".repeat(1_000_000));
        Answer afterwards = refresh(client, way, rotated.member("refreshToken"));

        assertThat(Stream.of(login, rotated, incomplete, refused, otherMethod, tooLarge, afterwards))
                .extracting(Answer::status)
                .containsExactly(200, 200, 400, 401, 405, 413, 200);
        assertThat(Stream.of(login, rotated, incomplete, refused, otherMethod, tooLarge))
                .extracting(Answer::protocol)
                .containsOnly(way == Way.ALPN ? Protocol.HTTP_2 : Protocol.H2_PRIOR_KNOWLEDGE);
        assertThat(Tokens.claims(login.member("token")).has("sid")).isTrue();
        assertThat(rotated.body()).startsWith("{\"message\":\"Token refreshed successfully\",\"token\":\"");
        assertThat(incomplete.body()).isEqualTo("{\"error\":\"Refresh token is required\"}");
        assertThat(refused.body()).isEqualTo("{\"error\":\"Invalid or expired refresh token\"}");
        assertThat(otherMethod.headers().get("allow")).isEqualTo("OPTIONS, POST");
        assertThat(Stream.of(rotated, incomplete, refused, otherMethod, tooLarge))
                .extracting(answer -> answer.headers().get("cache-control"))
                .containsOnly("no-store");
        assertThat(backend.refreshesReached()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aLogoutEndsTheSession(Way way) {
        OkHttpClient client = client(way);
        Answer login = login(client, way);

        Answer logout = send(
                client,
                new Request.Builder()
                        .url(url(way, "/api/auth/logout"))
                        .header("Authorization", "Bearer " + login.member("token"))
                        .post(RequestBody.create("", JSON)));

        assertThat(logout.status()).isEqualTo(200);
        assertThat(refresh(client, way, login.member("refreshToken")).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource
    void aHundredSessionsRefreshAtOnceOverOneConnection(Way way) {
        OkHttpClient client = client(way);
        client.dispatcher().setMaxRequests(100);
        client.dispatcher().setMaxRequestsPerHost(100);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tokens.add(login(client, way).member("refreshToken"));
        }

        List<CompletableFuture<Answer>> answers = IntStream.range(0, 100)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> refresh(client, way, tokens.get(i)),
                        client.dispatcher().executorService()))
                .toList();

        assertThat(answers).extracting(answer -> answer.join().status()).containsOnly(200);
        assertThat(answers)
                .extracting(answer -> answer.join().member("refreshToken"))
                .doesNotHaveDuplicates();
        assertThat(client.connectionPool().connectionCount()).isEqualTo(1);
    }

    @Test
    void aClientThatKnowsOnlyHttp1GetsItOverTheSameTls() {
        OkHttpClient client = client(Way.ALPN, Protocol.HTTP_1_1);

        Answer answer = refresh(client, Way.ALPN, login(client, Way.ALPN).member("refreshToken"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.protocol()).isEqualTo(Protocol.HTTP_1_1);
    }

    @Test
    void theJdksClientAgreesOnHttp2() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(key.clientContext()).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(Way.ALPN, "/api/auth/refresh")))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"a.b\"}"))
                .build();

        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());

        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(401);
    }
}
