package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.session.ChangedClaims;
import io.portcullis.session.SubjectRef;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store may know of changed claims: security.md, 25. */
class ClaimSealTest {
    private static final SubjectRef ADA = new SubjectRef("app", "ada");
    private static final OpenedClaims NOT_OPENED = new OpenedClaims(ChangedClaims.NONE, 1);

    private final OctetSequenceKey old = SampleKeys.secret("old");
    private final OctetSequenceKey current = SampleKeys.secret("current");
    private final ClaimSeal seal = seal(current);

    private static ClaimSeal seal(JWK... keys) {
        return new ClaimSeal(
                SampleKeys.current(Map.of("app", SampleKeys.keys(keys), "dashboard", SampleKeys.keys(keys))));
    }

    /** As a store answers them. */
    private static ChangedClaims kept(Map<String, String> sealed) {
        return new ChangedClaims(sealed.entrySet().stream()
                .map(claim -> '"' + claim.getKey() + "\":" + claim.getValue())
                .collect(Collectors.joining(",", "{", "}")));
    }

    private static ChangedClaims role(ClaimSeal seal, String value) {
        return kept(seal.seal(ADA, Map.of("role", value)));
    }

    private static OpenedClaims open(ClaimSeal seal, ChangedClaims kept) {
        return seal.open("app", ADA.subjectHash(), kept);
    }

    static List<String> algorithms() {
        return SampleKeys.algorithms().toList();
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void aKeyOfEveryKindOpensWhatItSealed(String algorithm) {
        ClaimSeal one = seal(SampleKeys.of(algorithm, "one"));
        ClaimSeal replica = seal(SampleKeys.of(algorithm, "one"));
        ClaimSeal other = seal(SampleKeys.of(algorithm, "other"));

        ChangedClaims kept = role(one, "\"admin\"");

        assertThat(open(replica, kept)).isEqualTo(new OpenedClaims(new ChangedClaims("{\"role\":\"admin\"}"), 0));
        assertThat(open(other, kept)).isEqualTo(NOT_OPENED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.50", "null", "{ \"a\" : [ 1E+2 ] }", "\"\\u0069 \\\" ü\""})
    void valuesComeBackAsTheyWereWritten(String value) {
        assertThat(open(seal, role(seal, value)).claims().json()).isEqualTo("{\"role\":" + value + "}");
    }

    @Test
    void sameClaimsAreTheSameTextInWhateverOrderTheyWereKept() {
        String one = seal.seal(ADA, Map.of("one", "1")).get("one");
        String two = seal.seal(ADA, Map.of("two", "2")).get("two");

        for (String json :
                List.of("{\"one\":" + one + ",\"two\":" + two + "}", "{\"two\":" + two + ",\"one\":" + one + "}")) {
            assertThat(open(seal, new ChangedClaims(json)).claims().json()).isEqualTo("{\"one\":1,\"two\":2}");
        }
    }

    @Test
    void aValueIsACompactJweThatSaysNothing() {
        String sealed = seal.seal(ADA, Map.of("email", "\"ada@example.com\"")).get("email");

        assertThat(sealed).matches("\"[\\w-]+\\.\\.[\\w-]{16}\\.[\\w-]+\\.[\\w-]{22}\"");
        String header = sealed.substring(1, sealed.indexOf('.'));
        assertThat(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .contains("\"alg\":\"dir\"", "\"enc\":\"A256GCM\"")
                .hasSize("{\"enc\":\"A256GCM\",\"alg\":\"dir\"}".length());
        assertThat(seal.seal(ADA, Map.of("email", "\"ada@example.com\"")).get("email"))
                .isNotEqualTo(sealed);
    }

    @Test
    void sealedValueIsBoundedByWhatIsSealed() {
        String value = '"' + "x".repeat(ClaimsToChange.BYTES_MAX) + '"';

        assertThat(seal.seal(ADA, Map.of("role", value)).get("role")).hasSizeLessThan(value.length() * 4 / 3 + 100);
    }

    @Test
    void keysRoll() {
        ChangedClaims kept = role(seal(old), "1");

        assertThat(open(seal(old, current), kept).unopened()).isZero();
        assertThat(open(seal(current, old), kept).unopened()).isZero();
        assertThat(open(seal(current), kept)).isEqualTo(NOT_OPENED);
        assertThat(open(seal(current), role(seal(current, old), "1")).unopened())
                .as("the first key seals")
                .isZero();
    }

    @Test
    void aPublicKeyIsPassedOver() {
        JWK retired = SampleKeys.of("ES256", "retired").toPublicJWK();

        assertThat(open(seal(current, retired), role(seal(old), "1"))).isEqualTo(NOT_OPENED);
    }

    @Test
    void aValueOfAnotherSubjectRealmOrClaimIsNotOpened() {
        String sealed = seal.seal(ADA, Map.of("role", "\"admin\"")).get("role");
        ChangedClaims kept = kept(Map.of("role", sealed));

        assertThat(seal.open("app", new SubjectRef("app", "eve").subjectHash(), kept))
                .isEqualTo(NOT_OPENED);
        assertThat(seal.open("dashboard", ADA.subjectHash(), kept)).isEqualTo(NOT_OPENED);
        assertThat(seal.open("gone", ADA.subjectHash(), kept)).isEqualTo(NOT_OPENED);
        assertThat(open(seal, kept(Map.of("plan", sealed)))).isEqualTo(NOT_OPENED);
    }

    @Test
    void everyChangedCharacterIsNoticed() {
        String json = role(seal, "\"admin\"").json();

        for (int i = json.indexOf(':') + 2; i < json.length() - 2; i++) {
            char other = json.charAt(i) == 'A' ? 'g' : 'A';
            String changed = json.substring(0, i) + other + json.substring(i + 1);
            assertThat(open(seal, new ChangedClaims(changed)).claims())
                    .as(changed)
                    .isEqualTo(ChangedClaims.NONE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\":\"admin\"}",
                "{\"role\":null}",
                "{\"role\":{}}",
                "{\"role\":\"a..b.c.d\"}",
                "{\"role\":1,\"role\":2}",
                "{\"role\":",
                "[]",
                ""
            })
    void whatNobodySealedIsNotOpened(String json) {
        assertThat(open(seal, new ChangedClaims(json))).isEqualTo(NOT_OPENED);
    }

    @Test
    void whatCanBeOpenedIsOpenedBesideWhatCannot() {
        String role = seal.seal(ADA, Map.of("role", "\"admin\"")).get("role");
        String plan = seal(old).seal(ADA, Map.of("plan", "1")).get("plan");

        assertThat(open(seal, kept(Map.of("role", role, "plan", plan))))
                .isEqualTo(new OpenedClaims(new ChangedClaims("{\"role\":\"admin\"}"), 1));
    }
}
