package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequiredClaimsTest {
    private static RequiredClaims of(String... namesAndValues) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RequiredClaims(values);
    }

    @Test
    void holdWhereEachIsSaid() {
        assertThat(of().hold("{}")).isTrue();
        assertThat(of("a", "*").hold("{\"a\":[1]}")).isTrue();
        assertThat(of("a", "1", "b", "x").hold("{\"a\":1,\"b\":\"x\",\"c\":2}")).isTrue();
        assertThat(of("a", "*").hold("{\"a\":null}")).isFalse();
        assertThat(of("a", "*").hold("{}")).isFalse();
        assertThat(of("a", "1").hold("{\"a\":1.0}")).isFalse();
        assertThat(of("a", "1", "b", "x").hold("{\"a\":1}")).isFalse();
    }

    @Test
    void canHoldTogetherUnlessTheyContradictEachOther() {
        assertThat(of("a", "1").canHoldWith(of("b", "2"))).isTrue();
        assertThat(of("a", "1").canHoldWith(of("a", "*"))).isTrue();
        assertThat(of("a", "*").canHoldWith(of("a", "1"))).isTrue();
        assertThat(of("a", "1").canHoldWith(of("a", "2"))).isFalse();
        assertThat(of().canHoldWith(of("a", "2"))).isTrue();
    }
}
