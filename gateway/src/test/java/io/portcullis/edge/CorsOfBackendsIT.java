package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawBackend.Request;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** CORS where {@code portcullis.cors} is not set: what is forwarded is the backends' business, preflights included. */
class CorsOfBackendsIT {
    private static final String ORIGIN = "Origin: https://app.example";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private static RawAnswer send(String method, String target, String... headers) {
        return RawAnswer.to(gateway.port(), method, target, "", headers);
    }

    @Test
    void preflightReachesTheBackendAndItsAnswerThePage() {
        backend.answerWith("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n"
                + "Access-Control-Allow-Methods: PUT\r\nAccess-Control-Max-Age: 7\r\n\r\n");

        RawAnswer answer = send(
                "OPTIONS",
                "/thing?x=1",
                ORIGIN,
                "Access-Control-Request-Method: PUT",
                "Access-Control-Request-Headers: content-type");

        Request request = backend.take();
        assertThat(request.line()).isEqualTo("OPTIONS /thing?x=1 HTTP/1.1");
        assertThat(request.header("Origin")).isEqualTo("https://app.example");
        assertThat(request.header("Access-Control-Request-Method")).isEqualTo("PUT");
        assertThat(request.header("Access-Control-Request-Headers")).isEqualTo("content-type");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.headers())
                .contains(
                        "Access-Control-Allow-Origin: *",
                        "Access-Control-Allow-Methods: PUT",
                        "Access-Control-Max-Age: 7")
                .noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith("vary:"));
    }

    @Test
    void answerPassesAsTheBackendGaveIt() {
        backend.answerWith("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://app.example\r\n"
                + "Access-Control-Allow-Credentials: true\r\nVary: Origin\r\nContent-Length: 2\r\n\r\nok");

        RawAnswer answer = send("GET", "/thing", ORIGIN);

        backend.take();
        assertThat(answer.all("Access-Control-Allow-Origin")).containsExactly("https://app.example");
        assertThat(answer.all("Access-Control-Allow-Credentials")).containsExactly("true");
        assertThat(answer.all("Vary")).containsExactly("Origin");
    }

    @Test
    void optionsOfTheRefreshPathSaysWhatItAllowsAndNothingOfCors() {
        RawAnswer options = send("OPTIONS", "/api/auth/refresh");
        RawAnswer preflight = send("OPTIONS", "/api/auth/refresh", ORIGIN, "Access-Control-Request-Method: POST");

        for (RawAnswer answer : new RawAnswer[] {options, preflight}) {
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.all("Allow")).containsExactly("OPTIONS, POST");
            assertThat(answer.headers())
                    .noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith("access-control-"));
        }
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void preflightOfALookAlikeIsNotForwarded() {
        RawAnswer answer = send("OPTIONS", "//api/auth/refresh", ORIGIN, "Access-Control-Request-Method: POST");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(backend.waiting()).isZero();
    }
}
