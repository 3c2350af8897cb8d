package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.SessionId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which session a text's tokens name, whatever stands around them, and that no shape does harm. */
class SessionClaimTest {
    private static final SessionId SID = SessionId.random("app", "ada");
    private static final String OTHER = SessionId.random("app", "eve").value();
    private static final String CLAIMS = "{\"sub\":\"ada\",\"iat\":1,\"sid\":\"" + SID + "\"}";
    private static final String TOKEN = token(CLAIMS);

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String token(String claims) {
        return base64("{\"alg\":\"HS256\"}") + "." + base64(claims) + ".c2lnbmF0dXJl";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer %s",
                "bearer %s",
                "BEARER\t \t%s  ",
                "%s",
                "JWT %s",
                "Bearer token=\"%s\"",
                "Bearer abc, Bearer %s",
                "bearer, %s",
                "Bearer a.b.c %s",
                "access_token.%s",
                "Bearer %s.more.dots",
                "Bearer \u00a0%s",
                "'%s'"
            })
    void tokenIsFoundInWhateverStandsAroundIt(String text) {
        assertThat(SessionClaim.in(text.formatted(TOKEN))).containsExactly(SID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "c2ln+/==", "!", "c2lnbmF0dXJ", "%"})
    void signatureDoesNotMatter(String signature) {
        String unsigned = TOKEN.substring(0, TOKEN.lastIndexOf('.') + 1);

        assertThat(SessionClaim.in("Bearer " + unsigned + signature)).containsExactly(SID);
    }

    @Test
    void everyTokenOfATextCounts() {
        String other = token("{\"sid\":\"" + OTHER + "\"}");

        assertThat(SessionClaim.in(TOKEN + " " + other)).containsExactly(SID, new SessionId(OTHER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sid\":\"%s\"}",
                "{\"s\\u0069d\":\"%s\"}",
                "{\"sub\":\"x\",\"nested\":{\"sid\":\"no\"},\"sid\":\"%s\"}",
                "{\"sub\":\"\u20ac\",\"n\":1.50, \"sid\" : \"%s\" , \"a\":[{\"sid\":1}]}"
            })
    void sidIsReadAsTheBackendReadsIt(String claims) {
        assertThat(SessionClaim.in(token(claims.formatted(SID)))).containsExactly(SID);
    }

    @Test
    void escapedCharactersOfASidCount() {
        String escaped = "\\u00" + Integer.toHexString(SID.value().charAt(0))
                + SID.value().substring(1);

        assertThat(SessionClaim.in(token("{\"sid\":\"" + escaped + "\"}"))).containsExactly(SID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"nested\":{\"sid\":\"%s\"},\"pad\":\"xxxxxxxxxxxxxxxxxx\"}",
                "{\"sid\":[\"%s\"]}",
                "{\"sid\":\"%sx\"}",
                "{\"SID\":\"%s\"}",
                "{\"sid\":\"%s\",\"sid\":\"%1$s\"}",
                "{\"sid\":\"%s\"}x",
                "{\"sid\":\"%s\"",
                "[{\"sid\":\"%s\"}]",
                "{\"sid\":\"%s\",\"x\":\"\u0001\"}",
                "\ufeff{\"sid\":\"%s\"}",
                "{\"sid\":null,\"x\":\"%s\"}",
                "{\"sid\":12345,\"x\":\"%s\"}"
            })
    void payloadThatTheGatewayNeverSignsNamesNoSession(String claims) {
        assertThat(SessionClaim.in(token(claims.formatted(SID)))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "....",
                "Bearer",
                "Bearer ",
                "Bearer abc",
                "Basic dXNlcjpwYXNz",
                "Bearer a.b.c",
                "Bearer eyJhbGciOiJIUzI1NiJ9..eyJhbGciOiJIUzI1NiJ9",
                "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiJ4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgifQ",
                "Bearer x.ey!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!.y",
                "Bearer x.eyaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.y"
            })
    void whatIsNoTokenNamesNoSession(String text) {
        assertThat(SessionClaim.in(text)).isEmpty();
    }

    @Test
    void hugeTextsAreReadOnce() {
        String nested = "{\"a\":".repeat(50_000) + "1" + "}".repeat(50_000);
        for (String text : List.of(
                ".".repeat(1_000_000),
                "a.".repeat(500_000),
                "ey" + "A".repeat(1_000_000) + ".x",
                "x." + "ey".repeat(500_000) + ".y",
                token(nested),
                token("{\"a\":\"" + "x".repeat(1_000_000) + "\"}"))) {
            assertThat(SessionClaim.in(text)).isEmpty();
        }
        assertThat(SessionClaim.in(".".repeat(100_000) + TOKEN + ".".repeat(100_000)))
                .containsExactly(SID);
    }
}
