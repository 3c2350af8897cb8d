package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.SecurityLine;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshTokenCodecTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SKEW = Duration.ofSeconds(30);

    private final JwsKeys appKeys = SampleKeys.keys(SampleKeys.secret("app-1"));
    private final JwsKeys dashboardKeys = SampleKeys.keys(SampleKeys.secret("dashboard-1"));
    private final RefreshTokenCodec codec = codec(Map.of("app", appKeys, "dashboard", dashboardKeys));

    private static RefreshTokenCodec codec(Map<String, JwsKeys> keys) {
        return codecAt(NOW, keys);
    }

    private static RefreshTokenCodec codecAt(Instant now, Map<String, JwsKeys> keys) {
        return new RefreshTokenCodec("portcullis", SampleKeys.current(keys), SKEW, InstantSource.fixed(now));
    }

    private static SessionId session(String subject) {
        return SessionId.of(new byte[16], subject);
    }

    private static RefreshToken token(String realm, String subject) {
        return new RefreshToken(
                new SessionRef(realm, subject, session(subject)),
                7,
                NOW,
                NOW.plus(Duration.ofDays(14)),
                NOW.minus(Duration.ofDays(3)),
                new AccessTemplate("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"sub\":\"u1\",\"role\":\"member\"}"));
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void mintedTokenVerifiesAndSaysTheSame(String algorithm) {
        RefreshTokenCodec one = codec(Map.of("app", SampleKeys.keys(SampleKeys.of(algorithm, "k"))));

        String minted = one.mint(token("app", "u1"));

        assertThat(one.verify(minted)).isEqualTo(new Verified(token("app", "u1")));
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void anotherJwtLibraryVerifiesMintedTokens(String algorithm) {
        JWK key = SampleKeys.of(algorithm, "k");

        String minted = codec(Map.of("app", SampleKeys.keys(key))).mint(token("app", "u1"));

        assertThat(RawJws.verifies(key, minted)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS512", "RS256", "EdDSA"})
    void sameFactsGiveTheSameBytes(String algorithm) {
        JWK key = SampleKeys.of(algorithm, "k");

        String minted = codec(Map.of("app", SampleKeys.keys(key))).mint(token("app", "u1"));
        String mintedByAnotherReplica = codecAt(NOW.plusSeconds(99), Map.of("app", SampleKeys.keys(key)))
                .mint(token("app", "u1"));

        assertThat(mintedByAnotherReplica).isEqualTo(minted);
    }

    @ParameterizedTest
    @MethodSource("io.portcullis.token.SampleKeys#algorithms")
    void lengthIsKnownWithoutMinting(String algorithm) {
        RefreshTokenCodec one = codec(Map.of("app", SampleKeys.keys(SampleKeys.of(algorithm, "k"))));
        RefreshToken token = token("app", "Zoë 🦊");

        assertThat(one.length(token)).isEqualTo(one.mint(token).length());
    }

    @Test
    void mintedTokenIsExactlyThis() {
        String minted = codec.mint(token("app", "u1"));

        assertThat(RawJws.header(minted)).isEqualTo("{\"alg\":\"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"app-1\"}");
        assertThat(RawJws.payload(minted))
                .isEqualTo(
                        "{\"iss\":\"portcullis\",\"aud\":\"app\",\"sub\":\"u1\",\"sid\":\"AAAAAAAAAAAAAAAAAAAAAAu4\","
                                + "\"gen\":7,\"iat\":1772366400,\"exp\":1773576000,\"auth_time\":1772107200,"
                                + "\"access_header\":{\"alg\":\"HS256\",\"typ\":\"JWT\"},"
                                + "\"access_claims\":{\"sub\":\"u1\",\"role\":\"member\"}}");
    }

    @Test
    void keyWithoutKidGoesByItsThumbprint() throws Exception {
        JWK key = SampleKeys.nameless();

        String minted = codec(Map.of("app", SampleKeys.keys(key))).mint(token("app", "u1"));

        assertThat(RawJws.header(minted)).contains("\"kid\":\"" + key.computeThumbprint() + '"');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\"b",
                "back\\slash",
                "{\"sub\":\"x\"}",
                "line\nbreak\u0001\u0000",
                "Zoë 🦊 漢字",
                "a\u2028b",
                "', DROP TABLE"
            })
    void subjectsAndIssuersOfAnyCharactersComeBack(String text) {
        RefreshTokenCodec odd =
                new RefreshTokenCodec(text, SampleKeys.current(Map.of("app", appKeys)), SKEW, InstantSource.fixed(NOW));

        assertThat(odd.verify(odd.mint(token("app", text)))).isEqualTo(new Verified(token("app", text)));
    }

    @Test
    void kidOfAnyCharactersVerifies() {
        RefreshTokenCodec odd = codec(Map.of("app", SampleKeys.keys(SampleKeys.secret("a \"key\" \\ 漢\n"))));

        assertThat(odd.verify(odd.mint(token("app", "u1")))).isInstanceOf(Verified.class);
    }

    @Test
    void accessTemplateKeepsItsTextOverManyGenerations() {
        AccessTemplate template = new AccessTemplate(
                "{\"typ\":\"JWT\", \"alg\" : \"HS256\"}",
                "{\"sub\":\"u1\",\"price\":1.50,\"big\":12345678901234567890,\"e\":1E+2,\"na\\u006de\":\"Zo\\u00eb 漢\\/\","
                        + "\"nested\": { \"a\" : [ 1.0, {\"b\":null} ] , \"\":[] }}");
        RefreshToken token = new RefreshToken(
                new SessionRef("app", "u1", session("u1")), 0, NOW, NOW.plusSeconds(60), NOW, template);

        for (long generation = 1; generation <= 5; generation++) {
            Verified verified = (Verified) codec.verify(codec.mint(token));
            RefreshToken read = verified.token();
            token = new RefreshToken(
                    read.session(), generation, read.issuedAt(), read.expiresAt(), read.authTime(), read.access());
        }

        assertThat(token.access()).isEqualTo(template);
    }

    @Test
    void timesAreWholeSeconds() {
        Instant issued = NOW.plusMillis(999);
        RefreshToken token = new RefreshToken(
                new SessionRef("app", "u1", session("u1")),
                0,
                issued,
                NOW.plusMillis(60_999),
                issued,
                token("app", "u1").access());

        Verified verified = (Verified) codec.verify(codec.mint(token));

        assertThat(verified.token().issuedAt()).isEqualTo(NOW);
        assertThat(verified.token().authTime()).isEqualTo(NOW);
        assertThat(verified.token().expiresAt()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void expiryAllowsForTheClockSkewAndNotASecondMore() {
        Map<String, JwsKeys> keys = Map.of("app", appKeys);
        RefreshToken token = token("app", "u1");
        String minted = codec.mint(token);
        Instant end = token.expiresAt().plus(SKEW);

        assertThat(codecAt(end.minusNanos(1), keys).verify(minted)).isInstanceOf(Verified.class);
        assertThat(codecAt(end, keys).verify(minted)).isEqualTo(Rejected.EXPIRED);
    }

    @Test
    void tokenSaysItsRealmWhereRealmsShareTheirKeys() {
        RefreshTokenCodec shared = codec(Map.of("app", appKeys, "dashboard", appKeys));

        assertThat(shared.verify(shared.mint(token("app", "u1")))).isEqualTo(new Verified(token("app", "u1")));
        assertThat(shared.verify(shared.mint(token("dashboard", "u1"))))
                .isEqualTo(new Verified(token("dashboard", "u1")));
    }

    @Test
    void realmsWithTheirOwnKeysSignWithThem() {
        assertThat(RawJws.header(codec.mint(token("app", "u1")))).contains("\"kid\":\"app-1\"");
        assertThat(RawJws.header(codec.mint(token("dashboard", "u1")))).contains("\"kid\":\"dashboard-1\"");
    }

    @Test
    void keyOfOneRealmDoesNotSpeakForAnother() {
        String header = RawJws.header(codec.mint(token("app", "u1")));
        String payload = RawJws.payload(codec.mint(token("dashboard", "u1")));

        String forged = RawJws.sign(SampleKeys.secret("app-1"), header, payload);

        assertThat(codec.verify(forged)).isEqualTo(Rejected.MALFORMED);
        assertThat(codec(Map.of("app", appKeys, "dashboard", appKeys)).verify(forged))
                .isInstanceOf(Verified.class);
    }

    @Test
    @SecurityLine(21)
    void keysRollOverAndARemovedKeyEndsItsTokensOnly() {
        JWK old = SampleKeys.secret("old");
        JWK fresh = SampleKeys.of("ES256", "fresh");
        String ofOld = codec(Map.of("app", SampleKeys.keys(old))).mint(token("app", "u1"));
        RefreshTokenCodec added = codec(Map.of("app", SampleKeys.keys(old, fresh)));
        RefreshTokenCodec promoted = codec(Map.of("app", SampleKeys.keys(fresh, old)));
        RefreshTokenCodec retired = codec(Map.of("app", SampleKeys.keys(fresh)));
        String ofFresh = promoted.mint(token("app", "u1"));

        assertThat(added.mint(token("app", "u1"))).isEqualTo(ofOld);
        assertThat(added.verify(ofFresh)).isInstanceOf(Verified.class);
        assertThat(promoted.verify(ofOld)).isInstanceOf(Verified.class);
        assertThat(RawJws.header(ofFresh)).contains("\"kid\":\"fresh\"");
        assertThat(retired.verify(ofFresh)).isInstanceOf(Verified.class);
        assertThat(retired.verify(ofOld)).isEqualTo(Rejected.MALFORMED);
    }

    @Test
    void twoKeysOfOneKidAreRefused() {
        JwsKeys one = SampleKeys.keys(SampleKeys.nameless());
        JwsKeys named = SampleKeys.keys(new OctetSequenceKey.Builder(SampleKeys.nameless())
                .keyID(one.signing().keyIdOrThumbprint())
                .build());

        assertThatThrownBy(() -> codec(Map.of("app", one, "dashboard", named)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(one.signing().keyIdOrThumbprint());
    }

    @Test
    void noTokensForARealmThatIsNotConfigured() {
        assertThatThrownBy(() -> codec.mint(token("admin", "u1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("admin");
    }

    @Test
    void nothingThatIsPrintedHoldsTheSubjectOrItsClaims() {
        RefreshToken token = token("app", "ada@example.com");

        assertThat(codec.verify(codec.mint(token)).toString()).doesNotContain("ada", "member");
        assertThat(token.toString()).doesNotContain("ada", "member");
    }
}
