package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.token.AdoptionCheck.Adoptable;
import io.portcullis.token.AdoptionCheck.Unadoptable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Refresh tokens of backends that say {@code type: refresh} and of which project they are. */
class AdoptionCodecTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final OctetSequenceKey KEY = SampleKeys.nameless();
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private final AdoptionCodec codec = new AdoptionCodec(
            "app",
            SampleKeys.current(KEY),
            new RequiredClaims(Map.of("type", "refresh", "project", RequiredClaims.ANY)),
            Duration.ofSeconds(30),
            InstantSource.fixed(NOW));

    private static String token(String claims) {
        return RawJws.sign(KEY, HEADER, claims);
    }

    @Test
    void itsClaimsBecomeTheAccessTokensWithoutThoseThatSayWhatItIs() {
        String token =
                token("{\"sub\":\"u1\",\"type\":\"refresh\",\"project\":\"p1\",\"jti\":\"7\",\"nbf\":1,\"rate\":1.50,"
                        + "\"iat\":1772366000,\"exp\":1772367800}");

        assertThat(codec.verify(token)).isInstanceOfSatisfying(Adoptable.class, adoptable -> {
            assertThat(adoptable.access())
                    .isEqualTo(new AccessTemplate(HEADER, "{\"sub\":\"u1\",\"project\":\"p1\",\"rate\":1.50}"));
            assertThat(adoptable.subject()).isEqualTo("u1");
            assertThat(adoptable.issuedAt()).isEqualTo(Instant.ofEpochSecond(1_772_366_000));
            assertThat(adoptable.expiresAt()).isEqualTo(Instant.ofEpochSecond(1_772_367_800));
            assertThat(adoptable).hasToString("Adoptable");
        });
    }

    @Test
    void aTokenThatDoesNotSayWhenIsAdoptableToo() {
        assertThat(codec.verify(token("{\"sub\":\"u1\",\"type\":\"refresh\",\"project\":\"p1\"}")))
                .isInstanceOfSatisfying(Adoptable.class, adoptable -> {
                    assertThat(adoptable.issuedAt()).isNull();
                    assertThat(adoptable.expiresAt()).isNull();
                });
    }

    @Test
    void theSameTokenNamesTheSameSession() {
        String one = "{\"sub\":\"u1\",\"type\":\"refresh\",\"project\":\"p1\",\"jti\":\"1\"}";

        assertThat(codec.verify(token(one))).isEqualTo(codec.verify(token(one)));
        assertThat(codec.verify(token(one))).isNotEqualTo(codec.verify(token(one.replace("\"1\"", "\"2\""))));
    }

    @Test
    void whatIsNoRefreshTokenOfTheBackendsIsNotAdopted() {
        String claims = "{\"sub\":\"u1\",\"type\":\"refresh\",\"project\":\"p1\"}";
        String ours =
                "{\"sub\":\"u1\",\"type\":\"refresh\",\"project\":\"p1\",\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAI-E_pjkPwrMbetpx3jKLdA\"}";

        assertThat(codec.verify(token("{\"sub\":\"u1\",\"type\":\"access\",\"project\":\"p1\"}")))
                .isEqualTo(new Unadoptable());
        assertThat(codec.verify(token("{\"sub\":\"u1\",\"type\":\"refresh\"}"))).isEqualTo(new Unadoptable());
        assertThat(codec.verify(token(ours))).isEqualTo(new Unadoptable());
        assertThat(codec.verify(RawJws.sign(SampleKeys.nameless(), HEADER, claims)))
                .isEqualTo(new Unadoptable());
    }
}
