package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Several keys of one purpose, and what is told of them. */
class JwsKeysTest {
    private static final JWK SHARED = SampleKeys.secret("shared");
    private static final JWK CURVE = SampleKeys.of("ES256", "curve");
    private static final RSAKey RSA = (RSAKey) SampleKeys.of("RS256", "rsa");

    @Test
    void areTheSameWhereKeysAlgorithmsAndOrderAre() {
        JwsKeys keys = SampleKeys.keys(SHARED, RSA);
        JWK otherAlgorithm =
                new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.PS256).build();

        assertThat(keys.isSameAs(SampleKeys.keys(SHARED, RSA))).isTrue();
        assertThat(keys.isSameAs(SampleKeys.keys(RSA, SHARED))).isFalse();
        assertThat(keys.isSameAs(SampleKeys.keys(SHARED))).isFalse();
        assertThat(keys.isSameAs(SampleKeys.keys(SHARED, otherAlgorithm))).isFalse();
        assertThat(SampleKeys.keys(SHARED).isSameAs(SampleKeys.keys(SampleKeys.nameless())))
                .isFalse();
        assertThat(keys.isSameAs(null)).isFalse();
    }

    @Test
    void areNamedByAlgorithmAndKid() {
        JwsKeys keys = SampleKeys.keys(SHARED, RSA);

        assertThat(keys).hasToString("[HS256 key shared, RS256 key rsa]");
        assertThat(keys.names()).containsExactly("shared", "rsa");
    }

    @Test
    void onlyThoseWithAPublicHalfArePublished() throws Exception {
        JwsKeys keys = SampleKeys.keys(SHARED, CURVE, RSA);

        assertThat(keys.publishedKeyIds())
                .isEqualTo(Map.of(
                        "curve",
                        CURVE.computeThumbprint().toString(),
                        "rsa",
                        RSA.computeThumbprint().toString()));
    }

    @Test
    void aKeyThatRealmsShareIsPublishedOnceAndNeverItsPrivateHalf() throws Exception {
        JwsKeys own = SampleKeys.keys(SHARED);
        RealmKeys app = new RealmKeys(SampleKeys.keys(CURVE, SHARED), own, null);
        RealmKeys dashboard = new RealmKeys(SampleKeys.keys(RSA, CURVE), own, null);

        JWKSet published = JWKSet.parse(PublicKeys.jwkSet(List.of(app, dashboard)));

        assertThat(published.getKeys()).extracting(JWK::getKeyID).containsExactlyInAnyOrder("curve", "rsa");
        assertThat(published.getKeys()).allSatisfy(key -> {
            assertThat(key.isPrivate()).isFalse();
            assertThat(key.getAlgorithm()).isNotNull();
            assertThat(key.getKeyUse()).hasToString("sig");
        });
        assertThat(published.getKeyByKeyId("curve").computeThumbprint()).isEqualTo(CURVE.computeThumbprint());
    }
}
