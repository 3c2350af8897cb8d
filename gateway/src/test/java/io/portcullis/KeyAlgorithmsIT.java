package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.token.CurrentKeys;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each algorithm from a login to the backend that verifies: one gateway, whose key files are changed under it. The backend and
 * whoever reads the published keys use the library alone.
 */
class KeyAlgorithmsIT {
    private static final OctetSequenceKey AT_THE_START = (OctetSequenceKey) Jwks.generate("HS256");
    private static final String ADOPTION = "adoption.json";

    @TempDir
    private static Path directory;

    private static MountedKeys mounted;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        mounted = new MountedKeys(
                directory,
                Map.of(
                        MountedKeys.ACCESS,
                        Jwks.set(AT_THE_START),
                        MountedKeys.REFRESH,
                        Jwks.set(Jwks.generate("HS256")),
                        ADOPTION,
                        Jwks.set(Jwks.generate("HS256"))));
        backend = RawBackend.start();
        gateway = TestGateway.start(
                mounted.files(AT_THE_START),
                backend.uri(),
                "portcullis.keys.poll-interval=100ms",
                "portcullis.realms.app.adoption.mode=verify",
                "portcullis.realms.app.adoption.keys=" + mounted.file(ADOPTION));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
    }

    private static void use(JWK access, JWK refresh) {
        use(access, refresh, Jwks.generate("HS256"));
    }

    private static void use(JWK access, JWK refresh, JWK adoption) {
        mounted.put(Map.of(
                MountedKeys.ACCESS,
                Jwks.set(access),
                MountedKeys.REFRESH,
                Jwks.set(refresh),
                ADOPTION,
                Jwks.set(adoption)));
        await().until(() -> gateway.bean(CurrentKeys.class)
                .byRealm()
                .get("app")
                .refreshTokens()
                .names()
                .equals(List.of(refresh.getKeyID())));
    }

    private static HttpResponse<String> login(JWK access) {
        long now = Instant.now().getEpochSecond();
        String token = Jwks.sign(access, "{\"sub\":\"usr_1\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
        return gateway.post("/api/auth/local/login", "{}");
    }

    private static JWKSet published() {
        return Jwks.parse(gateway.get("/.well-known/jwks.json").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void secretThatBothSidesShare(String algorithm) {
        JWK access = Jwks.generate(algorithm);
        JWK refresh = Jwks.generate(algorithm);
        use(access, refresh);

        mintsAndVerifies(algorithm, access, refresh, List.of(access));

        assertThat(published().getKeys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256", "ES256", "EdDSA"})
    void keyWithAPublicHalf(String algorithm) {
        JWK access = Jwks.generate(algorithm);
        JWK refresh = Jwks.generate(algorithm);
        use(access, refresh);

        List<JWK> keys = published().getKeys();
        assertThat(keys).singleElement().isEqualTo(access.toPublicJWK());
        mintsAndVerifies(algorithm, access, refresh, keys);
    }

    private static void mintsAndVerifies(String algorithm, JWK access, JWK refresh, List<JWK> backends) {
        HttpResponse<String> login = login(access);
        HttpResponse<String> refreshed = gateway.refresh(Tokens.refreshToken(login));
        HttpResponse<String> again = gateway.refresh(Tokens.refreshToken(refreshed));

        assertThat(List.of(login.statusCode(), refreshed.statusCode(), again.statusCode()))
                .containsOnly(200);
        for (HttpResponse<String> answer : List.of(login, refreshed, again)) {
            String accessToken = Tokens.accessToken(answer);
            assertThat(Jwks.verify(backends, accessToken)).isTrue();
            assertThat(Tokens.claims(accessToken).path("sid").isString()).isTrue();
            assertThat(Tokens.header(accessToken).path("alg").asString()).isEqualTo(algorithm);
            assertThat(Jwks.verify(List.of(refresh), Tokens.refreshToken(answer)))
                    .isTrue();
            assertThat(Tokens.header(Tokens.refreshToken(answer)).path("alg").asString())
                    .isEqualTo(algorithm);
        }
    }

    @Test
    void loginThatIsSignedByAKeyThatWasRemovedOpensNoSession() {
        JWK removed = Jwks.generate("ES256");
        JWK refresh = Jwks.generate("HS256");
        use(removed, refresh);
        String before = Tokens.refreshToken(login(removed));
        use(Jwks.generate("ES256"), Jwks.generate("HS256"));

        String after = Tokens.refreshToken(login(removed));

        assertThat(before).isNotEqualTo("theirs");
        assertThat(after).isEqualTo("theirs");
        assertThat(gateway.refresh(before).statusCode()).isEqualTo(401);
    }

    @Test
    void refreshTokenOfABackendIsAdoptedWithTheKeysOfTheMoment() {
        JWK theirs = Jwks.generate("EdDSA");
        String token =
                Jwks.sign(theirs, "{\"sub\":\"usr_2\",\"exp\":" + (Instant.now().getEpochSecond() + 600) + "}");
        use(Jwks.generate("HS256"), Jwks.generate("HS256"));
        int before = gateway.refresh(token).statusCode();
        use(Jwks.generate("HS256"), Jwks.generate("HS256"), theirs.toPublicJWK());

        HttpResponse<String> adopted = gateway.refresh(token);

        assertThat(before).isEqualTo(401);
        assertThat(adopted.statusCode()).isEqualTo(200);
    }
}
