package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The guard in a real server, spoken to byte by byte: no client library tidies the paths. */
class PathGuardTest {
    private static final GuardFilter GUARD =
            new GuardFilter(List.of(new PathGuard(Set.of(CanonicalPathTest.PROTECTED, "/Api/v1.2/Token"))));
    private static final ConcurrentLinkedQueue<String> PASSED = new ConcurrentLinkedQueue<>();

    private static DisposableServer server;

    @BeforeAll
    static void startServer() {
        WebHandler rest = exchange -> {
            PASSED.add(exchange.getRequest().getURI().getRawPath());
            exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
            return exchange.getResponse().setComplete();
        };
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .httpRequestDecoder(decoder -> decoder.maxInitialLineLength(70_000))
                .handle(new ReactorHttpHandlerAdapter(
                        // made here, as by an application context, and not by the first request's thread
                        WebHttpHandlerBuilder.webHandler(rest)
                                .filter(GUARD)
                                .codecConfigurer(ServerCodecConfigurer.create())
                                .build()))
                .bindNow();
    }

    @AfterAll
    static void stopServer() {
        server.disposeNow(Duration.ofSeconds(2));
    }

    @BeforeEach
    void forget() {
        PASSED.clear();
    }

    @Test
    void guardComesFirst() {
        assertThat(GUARD.getOrder()).isEqualTo(CorsFilter.ORDER + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/auth/refresh",
                "/api/auth/refresh?a=b",
                "/api/auth/refresh?//api/auth/%72efresh",
                "http://gateway.example/api/auth/refresh",
                "https://gateway.example:8443/api/auth/refresh?a",
                "http:///api/auth/refresh"
            })
    void protectedPathItselfGoesOn(String target) throws IOException {
        assertThat(send(target).status()).isEqualTo(204);
        assertThat(PASSED).containsExactly("/api/auth/refresh");
    }

    @Test
    void protectedPathIsComparedByItsLetters() throws IOException {
        assertThat(send("/Api/v1.2/Token").status()).isEqualTo(204);
        assertThat(send("/api/v1.2/token").status()).isEqualTo(404);
        assertThat(PASSED).containsExactly("/Api/v1.2/Token");
    }

    @Test
    void lookAlikeIsNotFound() throws IOException {
        Answer answer = send("//api/auth/refresh");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text())
                .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                .containsIgnoringCase("\r\nCache-Control: no-store\r\n")
                .endsWith("\r\n\r\n{\"error\":\"Not found\"}");
    }

    @Test
    void undecidablePathIsABadRequest() throws IOException {
        Answer answer = send("/%" + "25".repeat(20) + "41");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text())
                .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                .containsIgnoringCase("\r\nCache-Control: no-store\r\n")
                .endsWith("\r\n\r\n{\"error\":\"Bad request\"}");
        assertThat(PASSED).isEmpty();
    }

    /** Of {@code http://h#.evil.example}, with its empty path, the backend's URI would be {@code http://backend:80#.evil.example}. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h#.evil.example/x",
                "http://h#@evil.example",
                "http://h#",
                "/x#y",
                "/api/auth/refresh#x",
                "#x"
            })
    void fragmentNeverReachesTheBackendsUri(String target) throws IOException {
        assertThat(send(target).status()).isEqualTo(400);
        assertThat(PASSED).isEmpty();
    }

    static List<String> spellings() {
        return CanonicalPathTest.SPELLINGS;
    }

    /** Either the guard answers, or reactor-netty or Spring refused the path before it. */
    @ParameterizedTest
    @MethodSource("spellings")
    void noSpellingGoesOn(String spelling) throws IOException {
        assertThat(send(spelling).status()).isIn(404, 400);
        assertThat(send(spelling + "?a=b").status()).isIn(404, 400);
        if (spelling.startsWith("/")) {
            assertThat(send("http://gateway.example" + spelling).status()).isIn(404, 400);
        }

        assertThat(PASSED).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://gateway.example//api/auth/refresh",
                "http://a/b/../api/auth/refresh",
                "HTTP://gateway.example/api/auth/refresh/",
                "://x/api/auth/refresh;x",
                "x://%72/api/auth/%72efresh",
                "api/auth/refresh",
                "api/auth/%72efresh",
                "%2fapi/auth/refresh",
                "\\api\\auth\\refresh",
                "./api/auth/refresh",
                "//user@host.example:80/api/auth/refresh"
            })
    void targetOfAnotherFormDoesNotGoOn(String target) throws IOException {
        assertThat(send(target).status()).isIn(404, 400);
        assertThat(PASSED).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "/api", "a/api", "gateway.example/api/auth?", "x#", "a@b", "[::1]", "h:80/api"})
    void hostHeaderAddsNothingToThePath(String host) throws IOException {
        assertThat(exchange("POST //api/auth/refresh HTTP/1.1\r\nHost: " + host).status())
                .isIn(404, 400);
        assertThat(exchange("POST /auth/refresh HTTP/1.1\r\nHost: " + host).status())
                .isIn(204, 400);

        assertThat(PASSED).doesNotContain(CanonicalPathTest.PROTECTED).hasSizeLessThan(2);
    }

    @ParameterizedTest
    @CsvSource({
        "/,/",
        "*,/*",
        "gateway.example:443,/gateway.example:443",
        "/api/auth/refresh-tokens,/api/auth/refresh-tokens",
        "/api/auth/refreshing?x,/api/auth/refreshing",
        "/api/auth,/api/auth",
        "/api/auth/refresh/extra,/api/auth/refresh/extra",
        "/files/a%20b.txt,/files/a%20b.txt",
        "/API/other,/API/other",
        "/a//b,/a//b",
        "//host.example/x,//host.example/x",
        "http://host.example/x//y,/x//y",
        "http://host.example,''",
        "/caf%C3%A9/%E6%97%A5%E6%9C%AC,/caf%C3%A9/%E6%97%A5%E6%9C%AC",
        "/login?next=/api/auth/%72efresh,/login"
    })
    void otherPathGoesOnUntouched(String target, String path) throws IOException {
        assertThat(send(target).status()).isEqualTo(204);
        assertThat(PASSED).containsExactly(path);
    }

    static List<String> innocent() {
        return CanonicalPathTest.INNOCENT.stream()
                .filter(path -> !path.isEmpty() && !path.contains("%zz"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("innocent")
    void innocentPathGoesOn(String path) throws IOException {
        assertThat(send(path).status()).isEqualTo(204);
        assertThat(PASSED).containsExactly(path);
    }

    @Test
    @SecurityLine(34)
    void spellingsComposedAtRandomDoNotGoOn() throws IOException {
        long seed = Long.getLong("portcullis.seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < 500; round++) {
            String spelling = CanonicalPathTest.Spelling.atRandom(CanonicalPathTest.PROTECTED, random);
            if (!spelling.equals(CanonicalPathTest.PROTECTED)) {
                assertThat(send(spelling).status())
                        .as("seed %d, round %d: %s", seed, round, spelling)
                        .isIn(404, 400);
            }
        }
        assertThat(PASSED).as("seed %d", seed).isEmpty();
    }

    @Test
    void longPathIsAnswered() throws IOException {
        assertThat(send("/.".repeat(32_000) + "/api/auth/refresh").status()).isEqualTo(404);
    }

    private static Answer send(String target) throws IOException {
        return exchange("POST " + target + " HTTP/1.1\r\nHost: gateway.example");
    }

    private static Answer exchange(String head) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream()
                    .write((head + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            return new Answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private record Answer(String text) {
        int status() {
            return Integer.parseInt(text.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3));
        }
    }
}
