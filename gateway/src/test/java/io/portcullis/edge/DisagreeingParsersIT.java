package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.redis.CommandsSeen;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Bodies in which two parsers could see two tokens, before a gateway that asks a backend: it sees the very bytes that the
 * client sent, or none.
 */
class DisagreeingParsersIT {
    private static final String JSON = "Content-Type: application/json\r\n";

    @AutoClose
    private static final AdoptionWorld world = new AdoptionWorld();

    private final TestGateway gateway = world.gateway();
    private final String token = world.oldToken();
    private final String member = "\"refreshToken\":\"" + token + "\"";

    @AfterEach
    void forget() {
        world.backend().forget();
    }

    /** @param bytes as ISO 8859-1 */
    private String refresh(String headers, String bytes) {
        return RawClient.send(
                gateway.port(),
                "POST /api/auth/refresh HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" + headers
                        + "Content-Length: " + bytes.length() + "\r\n\r\n" + bytes);
    }

    private static String in(Charset charset, String text) {
        return new String(text.getBytes(charset), ISO_8859_1);
    }

    private Map<String, String> bodies() {
        Map<String, String> bodies = new LinkedHashMap<>();
        String other = "\"refreshToken\":\"" + world.oldToken() + "\"";
        bodies.put("twice", "{" + member + "," + other + "}");
        bodies.put("the same twice", "{" + member + "," + member + "}");
        bodies.put("twice, once with an escape", "{" + member + "," + other.replace("T", "\\u0054") + "}");
        bodies.put("twice, once in another case", "{" + member + "," + other.replace("refreshT", "RefreshT") + "}");
        bodies.put("twice, once with a Kelvin sign", "{" + member + "," + other.replace("Tok", "To\\u212a") + "}");
        bodies.put("twice, once up to a NUL", "{" + member + "," + other.replace("Token\"", "Token\\u0000\"") + "}");
        bodies.put("another member twice", "{\"a\":1," + member + ",\"a\":2}");
        bodies.put("twice further down", "{\"a\":{\"b\":1,\"b\":2}," + member + "}");
        bodies.put("marked UTF-8", in(UTF_8, "\uFEFF{" + member + "}"));
        bodies.put("UTF-16LE", in(UTF_16LE, "{" + member + "}"));
        bodies.put("marked UTF-16LE", in(UTF_16LE, "\uFEFF{" + member + "}"));
        bodies.put("UTF-16BE", in(UTF_16BE, "{" + member + "}"));
        bodies.put("marked UTF-16BE", in(UTF_16BE, "\uFEFF{" + member + "}"));
        bodies.put("UTF-32", in(Charset.forName("UTF-32BE"), "{" + member + "}"));
        bodies.put("ISO 8859-1", "{\"a\":\"\u00e9\"," + member + "}");
        bodies.put("overlong UTF-8", "{\"a\":\"\u00c0\u00a2\"," + member + "}");
        bodies.put("half a surrogate", "{\"a\":\"\u00ed\u00a0\u0080\"," + member + "}");
        bodies.put("comment", "{/*" + other + ",*/" + member + "}");
        bodies.put("comment of a line", "{//" + other + ",\n" + member + "}");
        bodies.put("comment of a shell", "{#" + other + ",\n" + member + "}");
        bodies.put("apostrophes", "{'refreshToken':'" + token + "'}");
        bodies.put("name without quotes", "{refreshToken:\"" + token + "\"}");
        bodies.put("comma at the end", "{" + member + ",}");
        bodies.put("two objects", "{" + member + "}{" + other + "}");
        bodies.put("NUL behind", "{" + member + "}\u0000");
        bodies.put("NUL in the name", "{\"refreshToken\u0000\":\"x\"," + member + "}");
        bodies.put("line break in a string", "{\"a\":\"\n\"," + member + "}");
        bodies.put("NaN", "{\"a\":NaN," + member + "}");
        bodies.put("leading zero", "{\"a\":007," + member + "}");
        bodies.put("deep", "{\"a\":" + "[".repeat(4_000) + "]".repeat(4_000) + "," + member + "}");
        bodies.put("array", "[{" + member + "}]");
        bodies.put("form", "refreshToken=" + token);
        bodies.put("other case", "{" + member.replace("refreshToken", "RefreshToken") + "}");
        return bodies;
    }

    @Test
    @SecurityLine({30, 35})
    void whatTwoParsersCouldReadDifferentlyIsRefusedAndReachesNobody() {
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        bodies().forEach(
                        (what, body) -> assertThat(refresh(JSON, body)).as(what).startsWith("HTTP/1.1 400 "));

        assertThat(world.backend().waiting()).isZero();
        assertThat(commands.end()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/plain\r\n",
                "Content-Type: application/x-www-form-urlencoded\r\n",
                "Content-Type: multipart/form-data; boundary=x\r\n",
                "Content-Type: application/json; charset=utf-16\r\n",
                "Content-Type: application/json; charset=utf-7\r\n",
                "Content-Type: application/json; charset=utf-7; charset=utf-8\r\n",
                "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
                "Content-Type: application/json, text/plain\r\n",
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
                "Content-Type: application/json\r\nContent-Encoding: x\r\n",
            })
    @SecurityLine(35)
    void aBodyThatIsCalledSomethingElseIsRefusedAndReachesNobody(String headers) {
        assertThat(refresh(headers, "{" + member + "}")).matches("(?s)HTTP/1\\.1 (400|415) .*");

        assertThat(world.backend().waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ MEMBER }",
                "\r\n\t{\"a\":1.50,\"b\":[{\"refreshToken\":\"inner\"}],MEMBER,\"c\":\"\\u0000\"}\n",
                "{\"a\":1e999999,\"b\":-0.0,\"c\":123456789012345678901234567890,MEMBER}",
                "{\"Refresh\":\"x\",\"refresh_token\":\"y\",MEMBER}"
            })
    @SecurityLine(35)
    void whatTheBackendSeesIsWhatTheGatewaySaw(String body) {
        world.exchangesFor("\"sub\":\"usr_1\"");
        String sent = body.replace("MEMBER", member);

        assertThat(refresh(JSON, sent)).startsWith("HTTP/1.1 200 ");

        String seen = world.backend().take().body();
        assertThat(seen).isEqualTo(sent);
        assertThat(JsonMapper.shared().readTree(seen).get("refreshToken").asString())
                .isEqualTo(token);
    }
}
