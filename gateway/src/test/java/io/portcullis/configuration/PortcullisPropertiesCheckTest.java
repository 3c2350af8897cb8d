package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The properties under {@code portcullis}: each mistake alone has its sentence, and only that. */
class PortcullisPropertiesCheckTest {
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
    @ValueSource(
            strings = {
                "portcullis.realms.app.reuse.grase",
                "portcullis.realms.app.idle-livetime",
                "portcullis.realms.app.lifetimes.idle",
                "portcullis.isuer",
                "portcullis.store.url",
                "portcullis.stores.budget"
            })
    void propertyThatDoesNotExistIsNamed(String property) throws IOException {
        assertThat(good().file(property + ": 1s").problems()).containsExactly(property + ": there is no such property");
    }

    @ParameterizedTest
    @CsvSource({
        "portcullis.realms.app.idle-lifetime, forever, a Duration",
        "portcullis.realms.app.reuse.grace, 1 minute, a Duration",
        "portcullis.refresh.body-limit, 16KiB, a DataSize",
        "portcullis.realms.app.reuse.action, ignore, 'one of [revoke, report]'",
        "portcullis.realms.app.idle-lifetime, 99999999999999999d, a Duration",
        "portcullis.store.recover-before, yesterday, a time such as 2026-05-04T10:00:00Z"
    })
    void valueOfAnotherTypeIsQuoted(String property, String value, String type) throws IOException {
        assertThat(good().file(property + ": " + value).problems())
                .containsExactly(property + ": '" + value + "' is not " + type);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "portcullis.realms.app.idle-lifetime | 91d | is longer than the session's absolute-lifetime",
                "portcullis.realms.app.idle-lifetime | 0s | is not positive",
                "portcullis.realms.app.absolute-lifetime | 100000d | is longer than 3650 days",
                "portcullis.realms.app.absolute-lifetime | 106751991167300d | is longer than 3650 days",
                "portcullis.realms.app.access-token-lifetime | 1500ms | is not a number of whole seconds",
                "portcullis.realms.app.access-token-lifetime | 91d | is longer than the session's absolute-lifetime",
                "portcullis.realms.app.access-token-lifetime | -5m | is not positive",
                "portcullis.realms.app.max-sessions | -1 | is not between 0 and 1000",
                "portcullis.realms.app.max-sessions | 1001 | is not between 0 and 1000",
                "portcullis.realms.app.reuse.grace | -1s | is negative, or not shorter than idle-lifetime",
                "portcullis.realms.app.reuse.grace | 14d | is negative, or not shorter than idle-lifetime",
                "portcullis.store.command-timeout | 3s | is longer than the whole budget, portcullis.store.budget",
                "portcullis.store.budget | 3s | is longer than 2500ms, and clients give up after 3 s",
                "portcullis.store.command-timeout | 0s | is not positive",
                "portcullis.store.recover-before | 9999-01-01T00:00:00Z | is not past; what Redis loses later would come back too",
                "portcullis.store.budget | 100us | is not a number of whole milliseconds",
                "portcullis.refresh.body-limit | 0 | is not positive",
                "portcullis.refresh.body-limit | 3GB | is larger than 64MB",
                "portcullis.open-session.body-limit | -1KB | is not positive",
                "portcullis.open-session.body-limit | 65MB | is larger than 64MB",
                "portcullis.end-session.body-limit | 0B | is not positive",
                "portcullis.end-session.patience | 0s | is not positive",
                "portcullis.refresh.body-timeout | 0s | is not positive",
                "portcullis.clock-skew | -1s | is not between 0s and 1m",
                "portcullis.clock-skew | 61s | is not between 0s and 1m",
                "portcullis.events.stream-length | -1 | is not between 0 and 1000000",
                "portcullis.events.stream-length | 1000001 | is not between 0 and 1000000",
                "portcullis.connections.idle-timeout | 0s | is not positive",
                "portcullis.connections.head-timeout | 0s | is not positive",
                "portcullis.connections.drain-time | 30s | is negative, or not shorter than spring.lifecycle.timeout-per-shutdown-phase",
                "portcullis.connections.drain-time | -1s | is negative, or not shorter than spring.lifecycle.timeout-per-shutdown-phase",
                "portcullis.connections.max | -1 | is not between 0 and 1000000",
                "portcullis.overload.delay-max | -1ms | is not positive",
                "portcullis.overload.delay-max | 2501ms | is longer than 2500ms, and clients give up after 3 s; 0s is never",
                "portcullis.events.queue-size | 0 | is not between 1 and 1000000",
                "portcullis.events.flush-timeout | 0s | is not positive",
                "portcullis.webhook.timeout | 0s | is not positive",
                "portcullis.webhook.give-up-after | -1s | is not positive",
                "portcullis.webhook.concurrency | 0 | is not between 1 and 64",
                "portcullis.webhook.concurrency | 65 | is not between 1 and 64",
                "portcullis.tracing.sampling | 1.1 | is not between 0 and 1",
                "portcullis.tracing.sampling | NaN | is not between 0 and 1"
            })
    void valueThatMakesNoSenseIsNamed(String property, String value, String sentence) {
        assertThat(good().property(property + "=" + value).problems())
                .contains(property + ": " + sentence)
                .allMatch(problem -> problem.startsWith(property.substring(0, property.lastIndexOf('.'))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hooks.example/p4th",
                "ftp://hooks.example/p4th",
                "file:///p4th",
                "http:///p4th",
                "https://user:p4th@hooks.example/",
                "https://hooks.example/#p4th",
                "https://hooks.example:99999/p4th",
                "https://hooks example/p4th"
            })
    void webhookThatIsNoAddressIsNamedAndNotQuoted(String uri) {
        assertThat(good().property("portcullis.webhook.uri=" + uri)
                        .property("portcullis.webhook.secret=" + "A".repeat(43) + "=")
                        .problems())
                .containsExactly(
                        "portcullis.webhook.uri: is not an http or https address without a user and a fragment");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "whsec_",
                "AAAA",
                "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                "not base64 at all, p4th"
            })
    void webhookWithoutASecretOf32BytesIsNamedAndNotQuoted(String secret) {
        assertThat(good().property("portcullis.webhook.uri=https://hooks.example/")
                        .property("portcullis.webhook.secret=" + secret)
                        .problems())
                .containsExactly("portcullis.webhook.secret: is not the base64 of at least 32 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"whsec_", ""})
    void webhookWithASecretOf32BytesIsFine(String prefix) {
        assertThat(good().property("portcullis.webhook.uri=https://hooks.example/path?with=query")
                        .property("portcullis.webhook.secret=" + prefix + "A".repeat(43) + "=")
                        .problems())
                .isEmpty();
    }

    @Test
    void webhookSecretWithoutAnAddressIsNamed() {
        assertThat(good().property("portcullis.webhook.secret=" + "A".repeat(43) + "=")
                        .problems())
                .containsExactly("portcullis.webhook.uri: is not set, and secret is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"collector:4318", "grpc://collector:4317", "http://user:pass@collector:4318/v1/traces"})
    void collectorThatIsNoAddressIsNamed(String endpoint) {
        assertThat(good().property("portcullis.tracing.endpoint=" + endpoint).problems())
                .containsExactly("portcullis.tracing.endpoint: is not an http or https address such as"
                        + " http://collector:4318/v1/traces, without a user");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.cloud.gateway.server.webflux.httpclient.wiretap",
                "spring.cloud.gateway.server.webflux.httpserver.wiretap",
                "spring.http.codecs.log-request-details"
            })
    void whatWouldPrintTokensIsNamed(String property) {
        assertThat(good().property(property + "=true").problems())
                .containsExactly(property + ": is true: the log would hold tokens and passwords");
        assertThat(good().property(property + "=false").problems()).isEmpty();
    }

    @Test
    void blankIssuerIsNamed() {
        assertThat(good().property("portcullis.issuer= ").problems()).containsExactly("portcullis.issuer: is blank");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'[my_realm]'",
                "'[App]'",
                "'[a b]'",
                "my_realm",
                "App",
                "1st",
                "a-name-that-is-longer-than-32-chars"
            })
    void badNameOfARealmIsNamed(String name) throws IOException {
        CheckedConfiguration bad = good().file("""
                portcullis.realms:
                  %s:
                    access-token-keys: ${ACCESS_TOKEN_KEYS}
                    refresh-token-keys: ${REFRESH_TOKEN_KEYS}
                """.formatted(name));

        assertThat(bad.problems())
                .singleElement()
                .asString()
                .contains(name.replaceAll("[\\[\\]']", ""))
                .endsWith(": a realm's name is lower-case letters, digits and dashes, at most 32");
    }

    @Test
    void realmWithoutKeysIsNamed() throws IOException {
        assertThat(good().file("portcullis.realms.partner.idle-lifetime: 1d").problems())
                .containsExactlyInAnyOrder(
                        "portcullis.realms.partner.access-token-keys: is not set",
                        "portcullis.realms.partner.refresh-token-keys: is not set");
    }

    @Test
    void realmHasDefaultsForEverythingButItsKeys() throws IOException {
        assertThat(good().file("""
                portcullis.realms.partner:
                  access-token-keys: ${ACCESS_TOKEN_KEYS}
                  refresh-token-keys: ${REFRESH_TOKEN_KEYS}
                """).problems()).isEmpty();
    }

    @Test
    void realmsThatShareAKidButNotTheKeyAreNamed() throws Exception {
        JWK one = new OctetSequenceKeyGenerator(256).keyID("same").generate();
        JWK other = new OctetSequenceKeyGenerator(256).keyID("same").generate();
        Path ofApp = write("app.json", one);
        Path ofDashboard = write("dashboard.json", other);

        assertThat(good().property("portcullis.realms.app.refresh-token-keys=" + ofApp)
                        .property("portcullis.realms.dashboard.refresh-token-keys=" + ofDashboard)
                        .problems())
                .containsExactly("portcullis.realms.dashboard.refresh-token-keys: has another key with the kid same "
                        + "than another realm");
        assertThat(good().property("portcullis.realms.app.refresh-token-keys=" + ofApp)
                        .property("portcullis.realms.dashboard.refresh-token-keys=" + ofApp)
                        .problems())
                .isEmpty();
    }

    private Path write(String name, JWK jwk) throws IOException {
        boolean publicKeysOnly = false;
        return Files.writeString(directory.resolve(name), new JWKSet(jwk).toString(publicKeysOnly));
    }

    @Test
    void routesUnderTheirOldNameAreNamed() throws IOException {
        assertThat(good().file("""
                spring.cloud.gateway.routes:
                  - id: mine
                    uri: http://127.0.0.1:3000
                """).problems())
                .containsExactly("spring.cloud.gateway.routes: is ignored by Spring Cloud Gateway 5, the name is now "
                        + "spring.cloud.gateway.server.webflux.routes");
    }

    @Test
    void propertyThatIsSetElsewhereNeedsNoVariable() {
        assertThat(good().without("ACCESS_TOKEN_KEYS")
                        .property("portcullis.realms.app.access-token-keys=" + keys.accessTokenKeys())
                        .property("portcullis.realms.dashboard.access-token-keys=" + keys.accessTokenKeys())
                        .problems())
                .isEmpty();
    }

    @Test
    void mistakesOfSeveralKindsAreAllSaid() throws IOException {
        assertThat(good().file("""
                portcullis:
                  isuer: x
                  realms.app:
                    idle-lifetime: forever
                    absolute-lifetime: 1m
                    reuse.grase: 1s
                """).problems())
                .containsExactlyInAnyOrder(
                        "portcullis.isuer: there is no such property",
                        "portcullis.realms.app.reuse.grase: there is no such property",
                        "portcullis.realms.app.idle-lifetime: 'forever' is not a Duration",
                        "portcullis.realms.app.idle-lifetime: is longer than the session's absolute-lifetime",
                        "portcullis.realms.app.access-token-lifetime: is longer than the session's absolute-lifetime");
    }
}
