package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.Jwks;
import io.portcullis.MountedKeys;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public keys of access tokens at {@code /.well-known/jwks.json}: those and nothing else of any key. */
class ServePublicKeysIT {
    private static final String PATH = "/.well-known/jwks.json";
    private static final JWK SIGNS = Jwks.generate("ES256");
    private static final JWK NEXT = Jwks.generate("EdDSA");
    private static final JWK LAST = Jwks.generate("RS256").toPublicJWK();
    private static final OctetSequenceKey SHARED = (OctetSequenceKey) Jwks.generate("HS256");
    private static final JWK OF_REFRESH_TOKENS = Jwks.generate("ES256");

    @TempDir
    private static Path directory;

    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        MountedKeys mounted =
                MountedKeys.of(directory, Jwks.set(SIGNS, NEXT, SHARED, LAST), Jwks.set(OF_REFRESH_TOKENS));
        backend = RawBackend.start();
        gateway = TestGateway.start(mounted.files(SHARED), backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
    }

    @Test
    void publicKeysAreServedAndMayBeCached() {
        HttpResponse<String> answer = gateway.get(PATH);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/jwk-set+json");
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("max-age=300, public");
        assertThat(answer.headers().firstValue("ETag")).isPresent();
        assertThat(Jwks.parse(answer.body()).getKeys()).containsExactly(SIGNS.toPublicJWK(), NEXT.toPublicJWK(), LAST);
    }

    @Test
    void nothingOfAPrivateOrASharedOrARefreshTokensKeyIsInIt() {
        String body = gateway.get(PATH).body();

        assertThat(body).doesNotContain("\"d\"", "\"k\"", "\"oct\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"");
        assertThat(body).doesNotContain(SHARED.getKeyID(), OF_REFRESH_TOKENS.getKeyID());
        for (JWK key : List.of(SIGNS, NEXT)) {
            assertThat(body).doesNotContain(key.toJSONObject().get("d").toString());
        }
    }

    @Test
    void keysThatAreKnownAreNotSentAgain() {
        String etag = gateway.get(PATH).headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> known = gateway.get(PATH, "If-None-Match", etag);

        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.headers().firstValue("Cache-Control")).hasValue("max-age=300, public");
        assertThat(gateway.get(PATH, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }

    @Test
    void headHasTheLengthAndNoBody() {
        HttpResponse<String> answer = gateway.send(gateway.request(PATH).method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValueAsLong("Content-Length"))
                .hasValue(gateway.get(PATH).body().length());
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void anotherMethodIsRefusedAndReachesNoBackend(String method) {
        HttpResponse<String> answer = gateway.send(gateway.request(PATH).method(method, BodyPublishers.ofString("{}")));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
        assertThat(backend.waiting()).isZero();
    }

    @Test
    void optionsSayWhatMayBeDone() {
        HttpResponse<String> answer = gateway.send(gateway.request(PATH).method("OPTIONS", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
    }
}
