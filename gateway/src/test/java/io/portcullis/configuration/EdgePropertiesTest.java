package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code portcullis.forwarded} and {@code portcullis.cors}: each mistake alone has its sentence, and only that. */
class EdgePropertiesTest {
    private static DemoKeys keys;

    @TempDir
    private Path directory;

    @BeforeAll
    static void generateKeys() {
        keys = DemoKeys.generate();
    }

    @AfterAll
    static void deleteKeys() {
        keys.close();
    }

    private CheckedConfiguration good() {
        return new CheckedConfiguration(keys, directory);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "forwarded.trusted-proxies | 10.0.0.0/8,10.*|"
                        + " '10.*' is not an address or a CIDR range such as 10.0.0.0/8 or 2001:db8::/32",
                "forwarded.trusted-proxies | 0.0.0.0/0|"
                        + " '0.0.0.0/0' is not an address or a CIDR range such as 10.0.0.0/8 or 2001:db8::/32",
                "forwarded.headers | all | 'all' is not one of [x-forwarded, forwarded, both, none]",
                "forwarded.trusted-headers | both | 'both' is not one of [x-forwarded, forwarded]",
                "cors.allowed-origins | https://a.example/| 'https://a.example/' is not an origin such as"
                        + " https://app.example, or *",
                "cors.allowed-origins | a.example | 'a.example' is not an origin such as https://app.example, or *",
                "cors.allowed-origins | null | 'null' is not an origin such as https://app.example, or *",
                "cors.allowed-origins | https://*.a.example | 'https://*.a.example' is not an origin such as"
                        + " https://app.example, or *",
                "cors.allowed-origin-patterns | * | '*' is not an origin with *. before its domain or [*] as its port",
                "cors.allowed-origin-patterns | https://*.example | 'https://*.example' is not an origin with *. before"
                        + " its domain or [*] as its port",
                "cors.allowed-methods | get | 'get' is not a method in capitals, or *",
                "cors.allowed-headers | a b | 'a b' is not a header's name, or *",
                "cors.exposed-headers | a:b | 'a:b' is not a header's name, or *",
                "cors.max-age | -1s | is not between 0s and 1d in whole seconds",
                "cors.max-age | 1500ms | is not between 0s and 1d in whole seconds",
                "cors.max-age | 25h | is not between 0s and 1d in whole seconds"
            })
    void valueThatMakesNoSenseIsNamed(String property, String value, String sentence) {
        assertThat(good().property("portcullis." + property + "=" + value).problems())
                .containsExactly("portcullis." + property + ": " + sentence);
    }

    @Test
    @SecurityLine(42)
    void anyOriginWithCredentialsIsNamed() {
        assertThat(good().property("portcullis.cors.allowed-origins=*")
                        .property("portcullis.cors.exposed-headers=*")
                        .property("portcullis.cors.allow-credentials=true")
                        .problems())
                .containsExactly(
                        "portcullis.cors.allow-credentials: does not go with allowed-origins *, any page could act as"
                                + " the user",
                        "portcullis.cors.allow-credentials: does not go with exposed-headers *, which browsers then"
                                + " take for a name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forwarded.trusted-proxies=10.0.0.0/8,192.168.1.1,2001:db8::/32,::1",
                "forwarded.headers=none",
                "forwarded.headers=both",
                "forwarded.trusted-headers=forwarded",
                "cors.allowed-origins=*",
                "cors.allowed-origins=https://a.example,http://localhost:3000,http://[::1]:8080,capacitor://localhost",
                "cors.allowed-origin-patterns=https://*.a.example,http://localhost:[*]",
                "cors.allowed-methods=*",
                "cors.max-age=0s"
            })
    void valueThatMakesSensePasses(String property) {
        assertThat(good().property("portcullis." + property).problems()).isEmpty();
    }

    @Test
    void variableThatListsProxiesIsNamed() {
        assertThat(good().with("PORTCULLIS_FORWARDED_TRUSTEDPROXIES", "10.0.0.0/8,proxy")
                        .problems())
                .containsExactly(
                        "portcullis.forwarded.trusted-proxies (PORTCULLIS_FORWARDED_TRUSTEDPROXIES): 'proxy' is"
                                + " not an address or a CIDR range such as 10.0.0.0/8 or 2001:db8::/32");
    }

    @Test
    void whatWouldBelieveAnybodysHeadersIsNamed() {
        assertThat(good().property("server.forward-headers-strategy=framework")
                        .property("spring.cloud.gateway.server.webflux.trusted-proxies=.*")
                        .problems())
                .containsExactly(
                        "server.forward-headers-strategy: is not none: X-Forwarded-For would be believed whoever wrote"
                                + " it; list the proxies in portcullis.forwarded.trusted-proxies instead",
                        "spring.cloud.gateway.server.webflux.trusted-proxies: is not used here, list the proxies in"
                                + " portcullis.forwarded.trusted-proxies instead");
    }
}
