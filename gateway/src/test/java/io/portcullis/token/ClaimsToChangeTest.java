package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.ChangedClaims;
import io.portcullis.token.ClaimsToChange.Changeable;
import io.portcullis.token.ClaimsToChange.Unchangeable;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Claims that an operator changes, and what becomes of a template with them. */
class ClaimsToChangeTest {

    @Test
    void valuesStayAsTheyAreWritten() {
        String json =
                "{ \"role\" : \"adm\\u0069n\", \"seats\":1.50,\"https://example.com/org\": { \"a\" : [ 1E+2 ] }, \"plan\":null }";

        assertThat(ClaimsToChange.read(json))
                .isEqualTo(new Changeable(Map.of(
                        "role", "\"adm\\u0069n\"",
                        "seats", "1.50",
                        "https://example.com/org", "{ \"a\" : [ 1E+2 ] }",
                        "plan", "null")));
        assertThat(ClaimsToChange.read("{\"role\":\"admin\"}")).hasToString("Changeable[role]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sub", "id", "sid", "iss", "aud", "iat", "exp", "nbf", "jti", "auth_time"})
    void whoseTheTokenIsAndForHowLongCannotBeChanged(String name) {
        assertThat(ClaimsToChange.read("{\"role\":1,\"" + name + "\":1}"))
                .isEqualTo(new Unchangeable("the claim " + name + " cannot be changed"));
        String escaped = "\\u00" + Integer.toHexString(name.charAt(0)) + name.substring(1);
        assertThat(ClaimsToChange.read("{\"" + escaped + "\":null}")).isInstanceOf(Unchangeable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "[]", "7", "\"a\"", "null", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"a\":01}"
            })
    void anythingButAnObjectIsRefused(String json) {
        assertThat(ClaimsToChange.read(json)).isEqualTo(new Unchangeable("claims are not a JSON object"));
    }

    @Test
    void sizeAndNamesAreBounded() {
        String largest = "{\"a\":\"" + "x".repeat(ClaimsToChange.BYTES_MAX - 8) + "\"}";
        assertThat(ClaimsToChange.read(largest)).isInstanceOf(Changeable.class);
        assertThat(ClaimsToChange.read(largest + " ")).isEqualTo(new Unchangeable("claims are more than 2048 bytes"));
        assertThat(ClaimsToChange.read("{}")).isEqualTo(new Unchangeable("claims are empty"));
        for (String name : new String[] {"", "a b", "a\\\"b", "r\\u00f4le", "x".repeat(65)}) {
            assertThat(ClaimsToChange.read("{\"" + name + "\":1}")).isInstanceOf(Unchangeable.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"sub\":\"u1\",\"role\":\"a\",\"n\":1.50} | {\"role\":\"b\"} | {\"sub\":\"u1\",\"n\":1.50,\"role\":\"b\"}",
                "{\"sub\":\"u1\",\"role\":\"a\"} | {\"role\":null} | {\"sub\":\"u1\"}",
                "{\"sub\":\"u1\"} | {\"role\":null} | {\"sub\":\"u1\"}",
                "{\"sub\":\"u1\"} | {\"role\":null,\"n\":2.0} | {\"sub\":\"u1\",\"n\":2.0}",
                "{\"sub\":\"u1\"} | {} | {\"sub\":\"u1\"}",
                "{} | {\"n\":2.0} | {\"n\":2.0}",
                "{\"r\\u006fle\":1} | {\"role\":2} | {\"role\":2}"
            })
    void templateIsChanged(String claims, String changed, String expected) {
        AccessTemplate template = new AccessTemplate("{\"alg\":\"HS256\"}", claims);

        AccessTemplate next = template.with(new ChangedClaims(changed));

        assertThat(next.claims()).isEqualTo(expected);
        assertThat(next.header()).isEqualTo(template.header());
        assertThat(next.with(new ChangedClaims(changed)).claims()).isEqualTo(expected);
    }
}
