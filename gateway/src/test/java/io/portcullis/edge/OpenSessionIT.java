package io.portcullis.edge;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Login answers on their way through the gateway: what changes, and that nothing else does. */
class OpenSessionIT {
    private static final String LOGIN = "/api/auth/local/login";

    private static DemoKeys keys;
    private static WireMockServer backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = new WireMockServer(
                wireMockConfig().dynamicPort().bindAddress("127.0.0.1").gzipDisabled(true));
        backend.start();
        gateway = TestGateway.start(keys, backend.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.stop();
        keys.close();
    }

    private static String accessToken(String moreClaims) {
        long now = Instant.now().getEpochSecond();
        return Tokens.sign(
                keys.accessTokenKey(),
                "{\"sub\":\"usr_1\"" + moreClaims + ",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
    }

    private static HttpResponse<byte[]> answerOf(ResponseDefinitionBuilder answer, String... requestHeaders) {
        backend.stubFor(any(anyUrl()).willReturn(answer));
        return gateway.send(
                gateway.request(LOGIN, requestHeaders)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static ResponseDefinitionBuilder json(int status, byte[] body) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json; charset=utf-8")
                .withBody(body);
    }

    private static ResponseDefinitionBuilder json(int status, String body) {
        return json(status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static double untouched(String reason) {
        Counter counter = gateway.bean(MeterRegistry.class)
                .find("portcullis.answers.untouched")
                .tags("realm", "app", "reason", reason)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    /** What the client got, with the tokens the backend had sent in place of ours. */
    private static String withTheBackendsTokens(String answer, String accessToken, String refreshToken) {
        JsonNode ours = JsonMapper.shared().readTree(answer);
        return answer.replace(ours.get("token").asString(), accessToken)
                .replace(ours.get("refreshToken").asString(), refreshToken);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201})
    void everyByteButTheTokensIsTheBackends(int status) {
        String token = accessToken(",\"email\":\"ada@example.com\"");
        String body = "{ \"user\" : {\"id\":\"usr_1\",\"näme\":\"Jürgen \\u00e9 😀 \\/\",\"token\":\"inner\","
                + "\"refreshToken\":\"inner\"},\r\n\t\"price\":1.50,\"big\":12345678901234567,\"e\":1E+2,\"n\":null,"
                + "\"refreshToken\"  :  \"theirs\\u002e\",\"token\":\"" + token
                + "\",\"expiresIn\":1800 , \"z\":[ 1,2 ]}\n";

        HttpResponse<byte[]> answer = answerOf(json(status, body));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(text(answer)).isNotEqualTo(body);
        assertThat(withTheBackendsTokens(text(answer), token, "theirs\\u002e")).isEqualTo(body);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json; charset=utf-8");
    }

    @Test
    void theAccessTokenIsTheSameWithTheSessionInIt() {
        String token = accessToken(
                ",\"price\":1.50,\"big\":12345678901234567,\"näme\":\"J\\u00fcrgen\",\"deep\":{\"a\":[1.0,{}]}");

        HttpResponse<byte[]> answer =
                answerOf(json(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\",\"expiresIn\":1800}"));

        String ours = JsonMapper.shared().readTree(text(answer)).get("token").asString();
        String claims = Tokens.verifiedClaims(keys.accessTokenKey(), ours);
        String sid = Tokens.claims(ours).get("sid").asString();
        String theirs = Tokens.verifiedClaims(keys.accessTokenKey(), token);
        assertThat(claims).isEqualTo(theirs.substring(0, theirs.length() - 1) + ",\"sid\":\"" + sid + "\"}");
        assertThat(Tokens.header(ours)).isEqualTo(Tokens.header(token));
    }

    @Test
    void claimsKeepTheirTextThroughEveryRefresh() {
        String token = accessToken(",\"price\":1.50,\"big\":12345678901234567,\"näme\":\"J\\u00fcrgen\"");
        HttpResponse<byte[]> login = answerOf(json(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}"));
        String refreshToken =
                JsonMapper.shared().readTree(text(login)).get("refreshToken").asString();

        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = gateway.refresh(refreshToken);
            assertThat(Tokens.verifiedClaims(keys.accessTokenKey(), Tokens.accessToken(answer)))
                    .startsWith(
                            "{\"sub\":\"usr_1\",\"price\":1.50,\"big\":12345678901234567,\"näme\":\"J\\u00fcrgen\",\"iat\":");
            refreshToken = Tokens.refreshToken(answer);
        }
    }

    @Test
    void aSubjectMayBeCalledIdAndBeANumber() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(keys.accessTokenKey(), "{\"id\":42,\"exp\":" + (now + 60) + "}");

        HttpResponse<byte[]> answer = answerOf(json(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}"));

        String refreshToken =
                JsonMapper.shared().readTree(text(answer)).get("refreshToken").asString();
        String refreshed = Tokens.accessToken(gateway.refresh(refreshToken));
        assertThat(Tokens.verifiedClaims(keys.accessTokenKey(), refreshed)).startsWith("{\"id\":42,\"iat\":");
    }

    @Test
    void anAnswerWithoutARefreshTokenPassesUntouched() {
        assertUntouched(
                "no_tokens", json(201, "{\"message\":\"m\",\"token\":\"" + accessToken("") + "\",\"user\":{}}"));
        assertUntouched("no_tokens", json(201, "{\"message\":\"m\",\"requireVerification\":true,\"user\":{}}"));
        assertUntouched(
                "no_tokens", json(200, "{\"token\":\"" + accessToken("") + "\",\"refreshToken\":null,\"x\":1.50}"));
        assertUntouched("no_tokens", json(200, "[]"));
        assertUntouched("no_tokens", json(200, "{\"token\":\"" + accessToken("") + "\",\"refreshToken\":\"theirs\""));
    }

    @Test
    void anAnswerThatCannotBeVerifiedPassesUntouched() {
        String foreign = Tokens.sign(DemoKeys.generate().accessTokenKey(), "{\"sub\":\"usr_1\"}");
        String expired = Tokens.sign(keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"exp\":1000}");
        String nobody = Tokens.sign(keys.accessTokenKey(), "{\"email\":\"ada@example.com\"}");
        for (String token : new String[] {foreign, expired, nobody, "opaque", "a.b.c"}) {
            assertUntouched("unverified", json(200, "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}"));
        }
    }

    @Test
    void anAnswerWhoseRefreshTokenWouldNotFitIntoARefreshRequestPassesUntouched() {
        int fits = largestThatIsOpened();

        assertThat(fits).isBetween(10_000, 12_000);
        String refreshToken = JsonMapper.shared()
                .readTree(text(answerOf(issuing(fits))))
                .get("refreshToken")
                .asString();
        assertThat(gateway.refresh(refreshToken).statusCode()).isEqualTo(200);
        assertUntouched("too_large", issuing(fits + 1));
        assertUntouched("too_large", issuing(20_000));
        assertThat(redirect("https://app.example/cb?token=" + accessToken(bytes(20_000)) + "&refreshToken=theirs")
                        .headers()
                        .firstValue("Location")
                        .orElseThrow())
                .endsWith("&refreshToken=theirs");
    }

    /** Of the claims' bytes. */
    private static int largestThatIsOpened() {
        int opened = 1_000;
        int untouched = 20_000;
        while (untouched - opened > 1) {
            int tried = (opened + untouched) / 2;
            if (text(answerOf(issuing(tried))).contains("\"refreshToken\":\"theirs\"")) {
                untouched = tried;
            } else {
                opened = tried;
            }
        }
        return opened;
    }

    private static ResponseDefinitionBuilder issuing(int bytesOfClaims) {
        return json(200, "{\"token\":\"" + accessToken(bytes(bytesOfClaims)) + "\",\"refreshToken\":\"theirs\"}");
    }

    private static String bytes(int length) {
        return ",\"pad\":\"" + "x".repeat(length) + "\"";
    }

    @Test
    void anErrorPassesUntouched() {
        String body = "{\"error\":\"no\",\"code\":\"EMAIL_VERIFICATION_REQUIRED\",\"token\":\"" + accessToken("")
                + "\",\"refreshToken\":\"theirs\"}";

        HttpResponse<byte[]> answer = answerOf(json(403, body).withHeader("ETag", "\"e\""));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(text(answer)).isEqualTo(body);
        assertThat(answer.headers().firstValue("ETag")).hasValue("\"e\"");
    }

    @Test
    void anAnswerThatCannotBeReadPassesUntouched() {
        String issuing = "{\"token\":\"" + accessToken("") + "\",\"refreshToken\":\"theirs\"";
        assertUntouched("unreadable", json(200, issuing + "}").withHeader("Content-Encoding", "br"));
        assertUntouched("unreadable", json(200, issuing + "}").withHeader("Content-Encoding", "gzip"));
        assertUntouched("unreadable", json(200, issuing + ",\"pad\":\"" + "x".repeat(1 << 20) + "\"}"));
        assertUntouched(
                "unreadable",
                aResponse()
                        .withStatus(200)
                        .withHeader("Content-Type", "text/html")
                        .withBody(issuing + "}"));
        byte[] bomb = gzip(issuing + ",\"pad\":\"" + "x".repeat(8 << 20) + "\"}");
        assertUntouched("unreadable", json(200, bomb).withHeader("Content-Encoding", "gzip"));
    }

    @Test
    void aLoginOutsideTheRoutesPassesUntouched() {
        String body = "{\"token\":\"" + accessToken("") + "\",\"refreshToken\":\"theirs\"}";
        backend.stubFor(any(anyUrl()).willReturn(json(200, body)));

        assertThat(gateway.post("/api/payment-links/abc", "{}").body()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/cb?token=%s&refreshToken=%s&expiresIn=1800",
                "https://app.example/cb#token=%s&refreshToken=%s&expiresIn=1800",
                "https://app.example/cb?a=%%20b+c&token=%s&x=%%C3%%BC&refreshToken=%s&y=[1]#top",
                "https://app.example/cb?a=token=1#x=1&token=%s&refreshToken=%s",
                "myapp://callback?token=%s&refreshToken=%s",
                "/relative/path;v=1?token=%s&refreshToken=%s"
            })
    @SecurityLine(40)
    void aRedirectCarriesOurTokensWhereTheBackendsWere(String location) {
        String token = accessToken("");

        HttpResponse<byte[]> answer = redirect(location.formatted(token, "their%2Erefresh"));

        String changed = answer.headers().firstValue("Location").orElseThrow();
        String ours = changed.replaceFirst(".*[?&#]token=([^&#]*).*", "$1");
        String refreshToken = changed.replaceFirst(".*[?&#]refreshToken=([^&#]*).*", "$1");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(changed).isEqualTo(location.formatted(ours, refreshToken));
        assertThat(Tokens.claims(ours).has("sid")).isTrue();
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().firstValue("X-Other")).hasValue("stays");
        assertThat(gateway.refresh(refreshToken).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/cb?error=denied",
                "https://app.example/cb?token=%s",
                "https://app.example/cb?token=%s&refreshToken=",
                "https://app.example/cb?token=%s&token=%s&refreshToken=theirs",
                "https://app.example/cb?token=%s#refreshToken=theirs",
                "https://app.example/cb?xtoken=%s&xrefreshToken=theirs",
                "https://app.example/cb?token=opaque&refreshToken=theirs"
            })
    @SecurityLine(40)
    void aRedirectWithoutBothTokensPassesUntouched(String location) {
        String theirs = location.replace("%s", accessToken(""));

        HttpResponse<byte[]> answer = redirect(theirs);

        assertThat(answer.headers().firstValue("Location")).hasValue(theirs);
        assertThat(text(answer)).isEqualTo("Found. Redirecting to " + theirs);
    }

    private static HttpResponse<byte[]> redirect(String location) {
        backend.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(302)
                        .withHeader("Location", location)
                        .withHeader("X-Other", "stays")
                        .withHeader("Content-Type", "text/plain")
                        .withBody("Found. Redirecting to " + location)));
        return gateway.send(
                gateway.request("/api/auth/oauth/callback/google?code=1&state=2")
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static void assertUntouched(String reason, ResponseDefinitionBuilder answer) {
        double before = untouched(reason);
        byte[] body = answer.build().getByteBody();

        HttpResponse<byte[]> passed = answerOf(answer, "Accept-Encoding", "gzip, br");

        assertThat(passed.body()).isEqualTo(body);
        assertThat(untouched(reason) - before).as(text(passed)).isEqualTo(1);
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
