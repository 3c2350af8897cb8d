package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.portcullis.HeadlessChromium;
import io.portcullis.InstalledProgram;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page in a real browser, headless Chromium, on another origin than the gateway. What it can read of each answer it tells
 * the server that it came from.
 */
class BrowserIT {
    @TempDir
    private Path directory;

    private final CompletableFuture<String> seen = new CompletableFuture<>();
    private final DemoKeys keys = DemoKeys.generate();
    private final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
    private HttpServer pages;

    @BeforeEach
    void servePage() throws IOException {
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.start();
    }

    @AfterEach
    void stop() {
        pages.stop(0);
        backend.close();
        keys.close();
    }

    private String origin() {
        return "http://127.0.0.1:" + pages.getAddress().getPort();
    }

    @Test
    void pageOnAnAllowedOriginReadsEveryAnswer() throws Exception {
        JsonNode answers = visit(origin());

        JsonNode refused = answer(401, "Invalid or expired refresh token");
        assertThat(answers.at("/login/status").intValue()).isEqualTo(200);
        assertThat(answers.at("/refreshed/status").intValue()).isEqualTo(200);
        assertThat(answers.at("/refreshed/body").propertyNames())
                .containsExactly("message", "token", "refreshToken", "expiresIn");
        assertThat(answers.at("/me/body/email").asString()).isEqualTo("ada@example.com");
        assertThat(answers.get("replayed")).isEqualTo(refused);
        assertThat(answers.get("newest")).isEqualTo(refused);
        assertThat(answers.get("missing")).isEqualTo(answer(400, "Refresh token is required"));
        assertThat(answers.get("large")).isEqualTo(answer(413, "Request body is too large"));
        assertThat(answers.get("huge")).isEqualTo(answer(413, "Request body is too large"));
        assertThat(answers.get("method")).isEqualTo(answer(405, "Method not allowed"));
        assertThat(answers.get("unavailable"))
                .isEqualTo(answer(503, "Service temporarily unavailable, please try again"));
    }

    @Test
    @SecurityLine(42)
    void pageOnAnotherOriginReadsNothing() throws Exception {
        JsonNode answers = visit("http://127.0.0.1:1");

        assertThat(answers).hasSizeGreaterThan(5).allMatch(answer -> answer.has("failure"));
    }

    private static JsonNode answer(int status, String error) {
        return JsonMapper.shared().readTree("{\"status\":" + status + ",\"body\":{\"error\":\"" + error + "\"}}");
    }

    /** Opens the page, with a gateway that allows that origin, and returns what the page has seen. */
    private JsonNode visit(String allowedOrigin) throws IOException, InterruptedException, ExecutionException {
        InstalledProgram chromium = HeadlessChromium.program();
        Path log = directory.resolve("chromium.log");
        try (TestGateway gateway =
                TestGateway.start(keys, backend.uri(), "portcullis.cors.allowed-origins=" + allowedOrigin)) {
            pages.createContext("/page", BrowserIT::replyWithPage);
            pages.createContext("/store-away", request -> {
                gateway.redis().stop();
                reply(request, new byte[0]);
            });
            pages.createContext("/seen", request -> {
                String body = new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                reply(request, new byte[0]);
                seen.complete(body);
            });
            List<String> arguments = HeadlessChromium.arguments(
                    directory,
                    origin() + "/page?gateway=" + encode("http://127.0.0.1:" + gateway.port()) + "&credentials="
                            + encode("{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
            Process browser = chromium.start(log, arguments);
            try {
                return JsonMapper.shared().readTree(seen.get(1, TimeUnit.MINUTES));
            } catch (TimeoutException e) {
                throw new AssertionError("the page has told nothing:\n" + Files.readString(log), e);
            } finally {
                InstalledProgram.end(browser);
            }
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static void replyWithPage(HttpExchange request) throws IOException {
        try (InputStream page = Objects.requireNonNull(BrowserIT.class.getResourceAsStream("/clients/page.html"))) {
            request.getResponseHeaders().set("Content-Type", "text/html");
            reply(request, page.readAllBytes());
        }
    }

    private static void reply(HttpExchange request, byte[] body) throws IOException {
        request.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        request.getResponseBody().write(body);
        request.close();
    }
}
