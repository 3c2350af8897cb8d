package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.Jwks;
import io.portcullis.MountedKeys;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which public keys are served where, as {@code config/routes.yml} has it: each test starts a gateway of its own. */
class PublicKeysRoutesIT {
    private static final String PATH = "/.well-known/jwks.json";
    private static final JWK SIGNS = Jwks.generate("ES256");
    private static final JWK NEXT = Jwks.generate("EdDSA");
    private static final OctetSequenceKey SHARED = (OctetSequenceKey) Jwks.generate("HS256");
    private static final JWK OF_REFRESH_TOKENS = Jwks.generate("ES256");

    @AutoClose
    private final RawBackend backend = RawBackend.start();

    @Test
    void secretsAloneAreAnEmptySet(@TempDir Path other) {
        MountedKeys secrets = MountedKeys.of(other, Jwks.set(SHARED), Jwks.set(OF_REFRESH_TOKENS));

        try (TestGateway withSecrets = TestGateway.start(secrets.files(SHARED), backend.uri())) {
            HttpResponse<String> answer = withSecrets.get(PATH);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"keys\":[]}");
        }
    }

    @Test
    void aRouteMayServeOneRealmsKeysAndAnApplicationItsOwn(@TempDir Path other) throws Exception {
        MountedKeys keys = MountedKeys.of(other, Jwks.set(SIGNS), Jwks.set(OF_REFRESH_TOKENS));
        Path apps = Files.writeString(other.resolve("apps.json"), Jwks.set(NEXT));
        String routes = "spring.cloud.gateway.server.webflux.routes";

        try (TestGateway own = TestGateway.start(
                keys.files(SHARED),
                backend.uri(),
                "portcullis.realms.app.access-token-keys=" + apps,
                routes + "[0].id=keys",
                routes + "[0].uri=no://op",
                routes + "[0].predicates[0]=Path=/keys/app.json",
                routes + "[0].filters[0]=ServePublicKeys=app,1h",
                routes + "[1].id=rest",
                routes + "[1].uri=" + backend.uri(),
                routes + "[1].predicates[0]=Path=/**")) {
            HttpResponse<String> ours = own.get("/keys/app.json");
            HttpResponse<String> theirs = own.get(PATH);

            assertThat(Jwks.parse(ours.body()).getKeys()).containsExactly(NEXT.toPublicJWK());
            assertThat(ours.headers().firstValue("Cache-Control")).hasValue("max-age=3600, public");
            assertThat(theirs.body()).isEqualTo("ok");
            assertThat(backend.take().line()).startsWith("GET " + PATH);
        }
    }

    @Test
    void realmThatThereIsNotStopsTheStart(@TempDir Path other) {
        MountedKeys keys = MountedKeys.of(other, Jwks.set(SHARED), Jwks.set(OF_REFRESH_TOKENS));
        String routes = "spring.cloud.gateway.server.webflux.routes";
        Map<String, String> route = Map.of(
                "id", "keys", "uri", "no://op", "predicates[0]", "Path=/k", "filters[0]", "ServePublicKeys=nobody");
        String[] properties = route.entrySet().stream()
                .map(of -> routes + "[0]." + of.getKey() + "=" + of.getValue())
                .toArray(String[]::new);

        assertThat(catchThrowable(() -> TestGateway.start(keys.files(SHARED), backend.uri(), properties)
                        .close()))
                .hasMessageContaining("no realm 'nobody'");
    }
}
