package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedElementTest {
    private static List<ForwardedElement> parse(String... lines) {
        return ForwardedElement.ofForwarded(Arrays.asList(lines));
    }

    private static ForwardedElement node(String node) {
        return new ForwardedElement(node, null, null);
    }

    @Test
    void elementsOfAllLinesComeNewestFirst() {
        assertThat(parse("for=a, for=b", "for=c,FOR=\"d\""))
                .containsExactly(node("d"), node("c"), node("b"), node("a"));
    }

    @Test
    void pairsAreReadInAnyOrderCaseAndQuoting() {
        assertThat(parse("Host=\"a.example:8443\";by=_x;proto=https;For=\"[2001:db8::1]:4711\""))
                .containsExactly(new ForwardedElement("[2001:db8::1]:4711", "https", "a.example:8443"));
        assertThat(parse("for=\"a\\\"b\\\\c,d;e\" ; proto=http"))
                .containsExactly(new ForwardedElement("a\"b\\c,d;e", "http", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"for=a;for=b", "for", "for=", "=a", "for=a b", "for=\"a", "for=a\"", "for=a;;x y", "for =a"})
    void whatIsMalformedSaysNothing(String element) {
        assertThat(parse(element)).containsExactly(new ForwardedElement(null, null, null));
    }

    @Test
    void quoteThatAClientLeavesOpenDoesNotSwallowWhatAProxyPutsBehindIt() {
        assertThat(parse("for=\"6.6.6.6, for=1.2.3.4;proto=https").get(0))
                .isEqualTo(new ForwardedElement("1.2.3.4", "https", null));
        assertThat(parse("for=\"6.6.6.6\\, for=\"[2001:db8::1]\"").get(0)).isEqualTo(node("[2001:db8::1]"));
    }

    @Test
    void whateverAClientWritesTheProxysElementIsTheNewest() {
        long seed = 20260302;
        Random random = new Random(seed);
        String alphabet = "\"\\,;= for1.[]:x\t";
        for (int i = 0; i < 5_000; i++) {
            StringBuilder written = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                written.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }

            assertThat(parse(written + ", for=\"[2001:db8::1]\";proto=https").get(0))
                    .as("seed %d: %s", seed, written)
                    .isEqualTo(new ForwardedElement("[2001:db8::1]", "https", null));
        }
    }

    @Test
    void blankElementsAreElements() {
        assertThat(ForwardedElement.ofXForwardedFor(List.of("1.2.3.4,, ")))
                .containsExactly(node(""), node(""), node("1.2.3.4"));
        assertThat(ForwardedElement.newest(List.of("http", "https , http"))).isEqualTo("http");
        assertThat(ForwardedElement.newest(List.of())).isNull();
    }
}
