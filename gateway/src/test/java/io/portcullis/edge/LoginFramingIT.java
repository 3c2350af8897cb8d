package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Login answers with a length and in chunks, to HTTP/1.1 and HTTP/1.0, and what they say of their own bytes. */
class LoginFramingIT {
    private static final String LOGIN = "/api/auth/local/login";
    private static final String OF_THE_BYTES = "ETag: \"e\"\r\nLast-Modified: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
            + "Accept-Ranges: bytes\r\nContent-MD5: Q2hlY2s=\r\nDigest: sha-256=abc\r\n"
            + "Content-Digest: sha-256=:YWJj:\r\nRepr-Digest: sha-256=:YWJj:\r\n";

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

    private static String issuing() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        return "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\",\"tail\":true}";
    }

    private static String chunked(String body) {
        int half = body.length() / 2;
        return Integer.toHexString(half) + "\r\n" + body.substring(0, half) + "\r\n"
                + Integer.toHexString(body.length() - half) + "\r\n" + body.substring(half) + "\r\n";
    }

    private static void answerWith(String status, String headers, String rest) {
        backend.answerWith("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers + "\r\n" + rest);
    }

    private static void answerWithLength(String headers) {
        String body = issuing();
        answerWith("200 OK", headers + "Content-Length: " + body.length() + "\r\n", body);
    }

    private static void answerInChunks(String headers, String trailers) {
        answerWith(
                "200 OK", headers + "Transfer-Encoding: chunked\r\n", chunked(issuing()) + "0\r\n" + trailers + "\r\n");
    }

    private static String refreshToken(String body) {
        return body.replaceFirst("(?s).*\"refreshToken\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void anAnswerWithALengthHasATrueOne() {
        answerWithLength("");

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.take();
        assertThat(answer.all("Content-Length"))
                .containsExactly(Integer.toString(answer.body().length()));
        assertThat(answer.all("Transfer-Encoding")).isEmpty();
        assertThat(answer.body()).endsWith("\"tail\":true}");
        assertThat(gateway.refresh(refreshToken(answer.body())).statusCode()).isEqualTo(200);
    }

    @Test
    void anAnswerInChunksStaysOne() {
        answerInChunks("", "");

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.take();
        assertThat(answer.all("Transfer-Encoding")).containsExactly("chunked");
        assertThat(answer.all("Content-Length")).isEmpty();
        assertThat(answer.body()).endsWith("\"tail\":true}\r\n0\r\n\r\n");
        assertThat(gateway.refresh(refreshToken(answer.body())).statusCode()).isEqualTo(200);
    }

    @Test
    void aConnectionOfHttp10IsKeptForWhoAsksAndSaysSo() {
        answerWithLength("");
        String request = "POST " + LOGIN + " HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}";

        try (RawConnection client = RawConnection.to(gateway.port())) {
            client.write(request + request);

            for (int i = 0; i < 2; i++) {
                assertThat(client.head()).containsIgnoringCase("\r\nConnection: keep-alive\r\n");
                assertThat(client.until("\"tail\":true}")).startsWith("{\"token\":");
                backend.take();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
    void aClientOfHttp10GetsNoChunksAndTheEnd(String connection) {
        answerInChunks("", "");

        String answer = RawClient.send(
                gateway.port(), "POST " + LOGIN + " HTTP/1.0\r\n" + connection + "Content-Length: 2\r\n\r\n{}");

        backend.take();
        assertThat(answer).startsWith("HTTP/1.").doesNotContainIgnoringCase("transfer-encoding");
        assertThat(answer).matches("(?s).*\r\n\r\n\\{\"token\":.*\"tail\":true}");
        assertThat(gateway.refresh(refreshToken(answer)).statusCode()).isEqualTo(200);
    }

    @Test
    void aClientOfHttp10GetsATrueLengthToo() {
        answerWithLength("");

        String answer = RawClient.send(gateway.port(), "POST " + LOGIN + " HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}");

        backend.take();
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(answer.lines()).contains("Content-Length: " + body.length());
        assertThat(body).endsWith("\"tail\":true}");
    }

    @Test
    void whatIsSaidOfTheBytesGoesWithThem() {
        answerWithLength(OF_THE_BYTES);
        RawAnswer withLength = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");
        answerInChunks(
                "Trailer: Content-Digest, Repr-Digest\r\n",
                "Content-Digest: sha-256=:YWJj:\r\nRepr-Digest: sha-256=:YWJj:\r\nDigest: a=b\r\nX-Other: stays\r\n");
        RawAnswer inChunks = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.take();
        backend.take();
        for (String name : OF_THE_BYTES.replaceAll(":[^\r]*\r\n", " ").split(" ")) {
            assertThat(withLength.all(name)).as(name).isEmpty();
            assertThat(inChunks.all(name)).as(name).isEmpty();
            assertThat(inChunks.body()).doesNotContain(name);
        }
        assertThat(inChunks.body()).endsWith("0\r\nX-Other: stays\r\n\r\n");
    }

    @Test
    void trailersOfAnAnswerThatPassesStay() {
        answerWith(
                "200 OK",
                "Trailer: Digest\r\nTransfer-Encoding: chunked\r\n",
                "2\r\n{}\r\n0\r\nDigest: sha-256=abc\r\n\r\n");

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.take();
        assertThat(answer.body()).endsWith("0\r\nDigest: sha-256=abc\r\n\r\n");
    }

    @Test
    void whatIsSaidOfBytesThatPassStays() {
        answerWith("200 OK", OF_THE_BYTES + "Content-Length: 2\r\n", "{}");

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.take();
        assertThat(answer.headers()).contains(OF_THE_BYTES.split("\r\n"));
    }

    @Test
    void aPartOfAnAnswerPassesUntouched() {
        String body = issuing();
        answerWith(
                "206 Partial Content",
                "Content-Range: bytes 0-9/100\r\nContent-Length: " + body.length() + "\r\n",
                body);

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}", "Range: bytes=0-9");

        assertThat(backend.take().header("Range")).isEqualTo("bytes=0-9");
        assertThat(answer.body()).isEqualTo(body);
    }

    @Test
    void aHeadSaysNothingOfABodyThatWouldBeChanged() {
        answerWith("200 OK", OF_THE_BYTES + "X-Other: stays\r\nContent-Length: 700\r\n", "");

        RawAnswer answer = RawAnswer.to(gateway.port(), "HEAD", "/api/auth/oauth/callback/google?code=1", "");

        backend.take();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.all("X-Other")).containsExactly("stays");
        assertThat(answer.all("Content-Length")).isEmpty();
        assertThat(answer.all("ETag")).isEmpty();
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aHeadThatIsRedirectedCarriesOurTokensToo() {
        String token = accessToken(issuing());
        backend.answerWith("HTTP/1.1 302 Found\r\nLocation: https://a.example/cb?token=" + token
                + "&refreshToken=theirs\r\nContent-Length: 70\r\n\r\n");

        RawAnswer answer = RawAnswer.to(gateway.port(), "HEAD", "/api/auth/oauth/callback/google?code=1", "");

        backend.take();
        String location = answer.all("Location").get(0);
        assertThat(location).doesNotContain(token).doesNotContain("theirs");
        assertThat(gateway.refresh(location.replaceFirst(".*refreshToken=", "")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aLoginThatBreaksOffBeforeItsBodyIsABadGateway() {
        answerWith("200 OK", "Set-Cookie: a=1\r\nContent-Length: 70\r\n", "");
        backend.hangUpAfterEachAnswer(true);

        RawAnswer answer = RawAnswer.to(gateway.port(), "POST", LOGIN, "{}");

        backend.hangUpAfterEachAnswer(false);
        backend.take();
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.all("Set-Cookie")).isEmpty();
        assertThat(answer.body()).isEqualTo("{\"error\":\"The service cannot be reached\"}");
    }

    @Test
    void aRedirectDoesNotWaitForItsBody() {
        String token = accessToken(issuing());
        backend.answerWith("HTTP/1.1 302 Found\r\nLocation: https://a.example/cb?token=" + token
                + "&refreshToken=theirs\r\nContent-Length: 70\r\n\r\nit breaks");
        backend.hangUpAfterEachAnswer(true);

        RawAnswer answer = RawAnswer.to(gateway.port(), "GET", "/api/auth/oauth/callback/google?code=1", "");

        backend.hangUpAfterEachAnswer(false);
        backend.take();
        String location = answer.all("Location").get(0);
        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.all("Content-Length")).containsExactly("0");
        assertThat(location).doesNotContain(token).doesNotContain("theirs");
        assertThat(gateway.refresh(location.replaceFirst(".*refreshToken=", "")).statusCode())
                .isEqualTo(200);
    }

    private static String accessToken(String body) {
        return body.replaceFirst(".*\"token\":\"([^\"]*)\".*", "$1");
    }
}
