package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Login answers in every content coding that clients ask for. */
class LoginCodingsIT {
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

    private static byte[] issuing(int pad) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        return ("{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\",\"pad\":\"" + "x".repeat(pad) + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static HttpResponse<byte[]> answerOf(String accepted, String coding, byte[] body) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: " + coding
                + "\r\nETag: \"e\"\r\nContent-Length: " + body.length + "\r\n\r\n"
                + new String(body, StandardCharsets.ISO_8859_1));
        return gateway.send(
                gateway.request("/api/auth/local/login", "Accept-Encoding", accepted)
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static double unreadable() {
        Counter counter = gateway.bean(MeterRegistry.class)
                .find("portcullis.answers.untouched")
                .tags("realm", "app", "reason", "unreadable")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, gzip, GZIP",
        "gzip, x-gzip, GZIP",
        "gzip, GZIP, GZIP",
        "deflate, deflate, ZLIB",
        "deflate, Deflate, RAW_DEFLATE",
        "br, br, BROTLI",
        "'gzip, deflate, br', BR, BROTLI",
        "gzip, br, BROTLI",
        "identity, br, BROTLI"
    })
    void theAnswerStaysInItsCodingWithOurTokens(String accepted, String coding, Coded form) {
        byte[] theirs = issuing(5000);

        HttpResponse<byte[]> answer = answerOf(accepted, coding, form.encode(theirs));

        assertThat(backend.take().header("Accept-Encoding")).isEqualTo(accepted);
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue(coding);
        assertThat(answer.headers().firstValue("ETag")).isEmpty();
        assertThat(answer.headers().firstValue("Content-Length")).hasValue(Integer.toString(answer.body().length));
        JsonNode ours = JsonMapper.shared().readTree(form.decode(answer.body()));
        String refreshToken = ours.get("refreshToken").asString();
        assertThat(ours.get("pad").asString()).hasSize(5000);
        assertThat(gateway.refresh(refreshToken).statusCode()).isEqualTo(200);
    }

    @Test
    void zstdIsNotOffered() {
        answerOf("zstd, br;q=0.5", "br", Coded.BROTLI.encode(issuing(0)));

        assertThat(backend.take().header("Accept-Encoding")).isEqualTo("br;q=0.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip, br", "identity, br", "compress"})
    void whatCannotBeReadPassesUntouched(String coding) {
        assertUntouched(coding, Coded.BROTLI.encode(issuing(0)));
    }

    @ParameterizedTest
    @CsvSource({"gzip, GZIP", "deflate, ZLIB", "deflate, RAW_DEFLATE", "br, BROTLI"})
    @SecurityLine(41)
    void whatIsBrokenEmptyOrABombPassesUntouched(String coding, Coded form) {
        byte[] whole = form.encode(issuing(0));

        assertUntouched(coding, Arrays.copyOf(whole, whole.length - 20));
        assertUntouched(coding, new byte[0]);
        assertUntouched(coding, issuing(0));
        assertUntouched(coding, form.encode(issuing(8 << 20)));
    }

    private static void assertUntouched(String coding, byte[] body) {
        double before = unreadable();

        HttpResponse<byte[]> answer = answerOf("gzip, deflate, br", coding, body);

        backend.take();
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.headers().firstValue("ETag")).hasValue("\"e\"");
        assertThat(unreadable() - before).isEqualTo(1);
    }
}
