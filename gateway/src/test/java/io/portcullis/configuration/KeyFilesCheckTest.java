package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.Jwks;
import io.portcullis.SecurityLine;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of the files with the keys. */
class KeyFilesCheckTest {
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

    @Test
    void keyInThePlaceOfItsFilesPathIsNotShown() {
        String jwks = new JWKSet(keys.accessTokenKey()).toString(false);
        String secret = keys.accessTokenKey().getKeyValue().toString();

        for (String value : List.of(jwks, secret, "abc:" + secret, "file:" + secret)) {
            assertThat(good().with("ACCESS_TOKEN_KEYS", value).problems())
                    .as(value)
                    .hasSize(2)
                    .allMatch(problem -> problem.contains("access-token-keys (${ACCESS_TOKEN_KEYS}): is not the path"))
                    .noneMatch(problem -> problem.contains(secret));
        }
    }

    @Test
    @SecurityLine(20)
    void keyHasOnePurpose() {
        assertThat(good().with("REFRESH_TOKEN_KEYS", keys.accessTokenKeys().toString())
                        .problems())
                .contains("portcullis.realms.app.refresh-token-keys (${REFRESH_TOKEN_KEYS}): holds a key of "
                        + "portcullis.realms.dashboard.access-token-keys; a key has one purpose")
                .allMatch(problem -> problem.contains("REFRESH_TOKEN_KEYS"));
    }

    @Test
    void whatIsWrongInAKeyFileIsSaid() throws IOException {
        Path file =
                Files.writeString(directory.resolve("weak.json"), "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}");

        assertThat(good().with("REFRESH_TOKEN_KEYS", file.toString()).problems())
                .containsExactlyInAnyOrder(
                        "portcullis.realms.app.refresh-token-keys (${REFRESH_TOKEN_KEYS}): key 1 of " + file
                                + " cannot be used: an HMAC key has at least 256 bits, this one 48",
                        "portcullis.realms.dashboard.refresh-token-keys (${REFRESH_TOKEN_KEYS}): key 1 of " + file
                                + " cannot be used: an HMAC key has at least 256 bits, this one 48");
    }

    @ParameterizedTest
    @ValueSource(strings = {"99ms", "0s", "-5s", "61m"})
    void filesAreReadNeitherAllTheTimeNorHardlyEver(String interval) {
        assertThat(good().property("portcullis.keys.poll-interval=" + interval).problems())
                .containsExactly("portcullis.keys.poll-interval: is not between 100ms and 1h");
        assertThat(good().property("portcullis.keys.poll-interval=100ms").problems())
                .isEmpty();
        assertThat(good().property("portcullis.keys.poll-interval=1h").problems())
                .isEmpty();
    }

    @Test
    void realmWithoutKeysIsNamed() {
        assertThat(good().property("portcullis.realms.third.idle-lifetime=1d").problems())
                .containsExactlyInAnyOrder(
                        "portcullis.realms.third.access-token-keys: is not set",
                        "portcullis.realms.third.refresh-token-keys: is not set");
    }

    @Test
    void publishedKeysOfTwoRealmsHaveNotOneName() throws IOException {
        Path one = publicKeys("one.json");
        Path other = publicKeys("other.json");
        String app = "portcullis.realms.app.access-token-keys=";
        String dashboard = "portcullis.realms.dashboard.access-token-keys=";

        assertThat(good().without("ACCESS_TOKEN_KEYS")
                        .property(app + one)
                        .property(dashboard + other)
                        .problems())
                .containsExactly(
                        "portcullis.realms.dashboard.access-token-keys: has another key with the kid mine than another realm");
        assertThat(good().without("ACCESS_TOKEN_KEYS")
                        .property(app + one)
                        .property(dashboard + one)
                        .problems())
                .isEmpty();
    }

    private Path publicKeys(String file) throws IOException {
        JWK key = Jwks.generate("ES256");
        String set = Jwks.set(key).replace(key.getKeyID(), "mine");
        return Files.writeString(directory.resolve(file), set);
    }

    @Test
    void privateKeyOfTheBackendsIsNotWantedHere() throws IOException {
        JWK theirs = Jwks.generate("ES256");
        Path file = Files.writeString(directory.resolve("theirs.json"), Jwks.set(theirs));
        CheckedConfiguration adopting = good().property("portcullis.realms.app.adoption.mode=verify")
                .property("portcullis.realms.app.adoption.keys=" + file);

        assertThat(adopting.problems())
                .containsExactly("portcullis.realms.app.adoption.keys: key 1 of " + file
                        + " has its private part, which is for whoever signs: the public one is enough");
        Files.writeString(file, Jwks.set(theirs).replaceAll("\"d\":\"[^\"]*\",?", ""));
        assertThat(adopting.problems()).isEmpty();
    }

    @Test
    void realmsMayHaveFilesOfTheirOwn() {
        CheckedConfiguration own = good().without("REFRESH_TOKEN_KEYS")
                .property("portcullis.realms.app.refresh-token-keys=" + keys.refreshTokenKeys())
                .with(
                        "PORTCULLIS_REALMS_DASHBOARD_REFRESHTOKENKEYS",
                        keys.refreshTokenKeys().toString());

        assertThat(own.problems()).isEmpty();
        assertThat(own.with("PORTCULLIS_REALMS_DASHBOARD_REFRESHTOKENKEYS", "").problems())
                .containsExactly("portcullis.realms.dashboard.refresh-token-keys "
                        + "(PORTCULLIS_REALMS_DASHBOARD_REFRESHTOKENKEYS): is not set");
    }
}
