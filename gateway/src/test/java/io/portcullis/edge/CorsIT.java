package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CORS where {@code portcullis.cors} says it, before a backend that says something else. */
class CorsIT {
    private static final String REFRESH = "/api/auth/refresh";
    private static final String ORIGIN = "https://app.example";
    private static final String OF_THE_BACKEND = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
            + "access-control-allow-origin: https://evil.example\r\nAccess-Control-Allow-Credentials: true\r\n"
            + "Access-Control-Expose-Headers: X-Secret\r\nVary: Accept-Encoding, Origin\r\nContent-Length: 2\r\n\r\nok";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.cors.allowed-origins=https://app.example,http://localhost:3000",
                "portcullis.cors.allowed-origin-patterns=https://*.preview.example",
                "portcullis.cors.allowed-headers=authorization,content-type",
                "portcullis.cors.exposed-headers=Retry-After,X-Request-Id",
                "portcullis.cors.max-age=10m");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static RawAnswer send(String method, String target, String body, String... headers) {
        return RawAnswer.to(gateway.port(), method, target, body, headers);
    }

    private static RawAnswer preflight(String target, String origin, String method, String headers) {
        return send(
                "OPTIONS",
                target,
                "",
                "Origin: " + origin,
                "Access-Control-Request-Method: " + method,
                "Access-Control-Request-Headers: " + headers);
    }

    private static void assertReadable(RawAnswer answer) {
        assertThat(answer.all("Access-Control-Allow-Origin")).containsExactly(ORIGIN);
        assertThat(answer.all("Access-Control-Expose-Headers")).containsExactly("Retry-After, X-Request-Id");
        assertThat(answer.all("Access-Control-Allow-Credentials")).isEmpty();
        assertThat(String.join(",", answer.all("Vary"))).containsOnlyOnce("Origin");
    }

    private static void assertSaysNothing(RawAnswer answer) {
        assertThat(answer.headers())
                .noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith("access-control-"));
        assertThat(String.join(",", answer.all("Vary"))).containsOnlyOnce("Origin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "400 | POST | /api/auth/refresh | {}",
                "401 | POST | /api/auth/refresh | {\"refreshToken\":\"a.b.c\"}",
                "405 | GET | /api/auth/refresh | ''",
                "204 | OPTIONS | /api/auth/refresh | ''",
                "404 | POST | //api/auth/refresh | {}",
                "404 | POST | /api/auth/%72efresh | {}",
                "400 | POST | /api/auth/refresh#x | {}"
            })
    void pageReadsEveryAnswerOfTheGateway(int status, String method, String target, String body) {
        RawAnswer answer = send(method, target, body, "Origin: " + ORIGIN, "Content-Type: application/json");

        assertThat(answer.status()).isEqualTo(status);
        assertReadable(answer);
    }

    @Test
    void pageReadsThatItsBodyIsTooLarge() {
        RawAnswer answer = send("POST", REFRESH, "", "Origin: " + ORIGIN, "Content-Length: 20000");

        assertThat(answer.status()).isEqualTo(413);
        assertReadable(answer);
    }

    @Test
    void pageReadsItsNewTokensAndThatTheStoreIsAway() {
        String token = Tokens.sign(keys.accessTokenKey(), "{\"sub\":\"u\",\"iat\":1,\"exp\":9999999999}");
        backend.answerWith(json("{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}"));
        RawAnswer login = send("POST", "/api/auth/login", "{}", "Origin: " + ORIGIN);
        String refreshToken = login.body().replaceFirst(".*\"refreshToken\":\"([^\"]+)\".*", "$1");

        RawAnswer refreshed = refresh(refreshToken);
        gateway.redis().stop();
        RawAnswer unavailable = refresh(refreshToken);
        gateway.redis().startAgain();

        assertReadable(login);
        assertThat(refreshed.status()).isEqualTo(200);
        assertReadable(refreshed);
        assertThat(unavailable.status()).isEqualTo(503);
        assertReadable(unavailable);
    }

    private static RawAnswer refresh(String token) {
        return send("POST", REFRESH, "{\"refreshToken\":\"" + token + "\"}", "Origin: " + ORIGIN);
    }

    private static String json(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    @Test
    @SecurityLine(42)
    void forwardedAnswerSaysTheSameAndOnlyOnce() {
        backend.answerWith(OF_THE_BACKEND);

        RawAnswer answer = send("GET", "/thing", "", "Origin: " + ORIGIN);

        assertThat(answer.body()).isEqualTo("ok");
        assertReadable(answer);
    }

    @Test
    void pageReadsThatABackendSpeaksNonsense() {
        backend.answerWith("nonsense\r\n\r\n");

        RawAnswer answer = send("GET", "/thing", "", "Origin: " + ORIGIN);

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.body()).isEqualTo("{\"error\":\"The service cannot be reached\"}");
        assertReadable(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:3000", "https://pr-7.preview.example"})
    void everyConfiguredOriginIsNamedAsItIs(String origin) {
        assertThat(send("POST", REFRESH, "{}", "Origin: " + origin).all("Access-Control-Allow-Origin"))
                .containsExactly(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "http://app.example",
                "https://app.example.evil.example",
                "https://app.example:444",
                "https://preview.example",
                "https://preview.example.evil.example",
                "null",
                "%%%",
                "https://a b"
            })
    @SecurityLine(42)
    void answerToAnyOtherOriginIsTheSameWithoutCors(String origin) {
        backend.answerWith(OF_THE_BACKEND);

        RawAnswer own = send("POST", REFRESH, "{}", "Origin: " + origin);
        RawAnswer forwarded = send("POST", "/thing", "x", "Origin: " + origin);

        assertThat(own.status()).isEqualTo(400);
        assertThat(own.body()).isEqualTo("{\"error\":\"Refresh token is required\"}");
        assertSaysNothing(own);
        assertThat(forwarded.body()).isEqualTo("ok");
        assertSaysNothing(forwarded);
        assertThat(preflight(REFRESH, origin, "POST", "content-type").status()).isEqualTo(403);
    }

    @Test
    void answerWithoutAnOriginSaysThatItDependsOnIt() {
        backend.answerWith(OF_THE_BACKEND);

        assertSaysNothing(send("GET", "/thing", ""));
        assertSaysNothing(send("POST", REFRESH, "{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {REFRESH, "/api/auth/login", "/thing", "//api/auth/refresh"})
    void preflightIsAnsweredHere(String target) {
        int before = backend.waiting();

        RawAnswer answer = preflight(target, ORIGIN, "POST", "authorization,content-type");

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.all("Access-Control-Allow-Origin")).containsExactly(ORIGIN);
        assertThat(answer.all("Access-Control-Allow-Methods")).containsExactly("GET,HEAD,POST,PUT,PATCH,DELETE");
        assertThat(answer.all("Access-Control-Allow-Headers")).containsExactly("authorization, content-type");
        assertThat(answer.all("Access-Control-Max-Age")).containsExactly("600");
        assertThat(answer.all("Access-Control-Allow-Credentials")).isEmpty();
        assertThat(backend.waiting()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"TRACE, content-type", "POST, x-secret"})
    @SecurityLine(42)
    void preflightOfSomethingElseIsRefused(String method, String header) {
        RawAnswer answer = preflight(REFRESH, ORIGIN, method, header);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.all("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void managementPortSaysNothingOfCors() {
        RawAnswer answer =
                RawAnswer.to(gateway.managementPort(), "GET", "/actuator/health/liveness", "", "Origin: " + ORIGIN);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.all("Access-Control-Allow-Origin")).isEmpty();
    }
}
