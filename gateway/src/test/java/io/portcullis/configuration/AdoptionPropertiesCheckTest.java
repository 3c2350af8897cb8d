package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code portcullis.realms.*.adoption}: what could adopt a stolen access token, or into the wrong realm, does not start. */
class AdoptionPropertiesCheckTest {
    private static final String APP = "portcullis.realms.app.adoption.";
    private static final String DASHBOARD = "portcullis.realms.dashboard.adoption.";

    private DemoKeys keys;
    private DemoKeys others;

    @TempDir
    private Path directory;

    @BeforeEach
    void generateKeys() {
        keys = DemoKeys.generate();
        others = DemoKeys.generate();
    }

    @AfterEach
    void deleteKeys() {
        keys.close();
        others.close();
    }

    private CheckedConfiguration with(String... lines) throws IOException {
        return new CheckedConfiguration(keys, directory).file(String.join("\n", lines));
    }

    @Test
    void keysOfTheirOwnAreEnough() throws IOException {
        assertThat(with(APP + "mode: verify", APP + "keys: " + others.accessTokenKeys())
                        .problems())
                .isEmpty();
    }

    @Test
    void aClaimThatTellsTheTokensApartIsEnough() throws IOException {
        assertThat(with(
                                APP + "mode: verify",
                                APP + "keys: " + keys.accessTokenKeys(),
                                APP + "required-claims.type: refresh")
                        .problems())
                .isEmpty();
    }

    @Test
    void theKeyOfAccessTokensAloneStopsTheStart() throws IOException {
        assertThat(with(APP + "mode: verify", APP + "keys: " + keys.accessTokenKeys())
                        .problems())
                .singleElement()
                .asString()
                .startsWith(APP + "keys: has a key that signs access tokens too");
    }

    @Test
    void aClaimWithAnyValueTellsNothingApart() throws IOException {
        assertThat(with(
                                APP + "mode: verify",
                                APP + "keys: " + keys.accessTokenKeys(),
                                APP + "required-claims.projectId: '*'")
                        .problems())
                .singleElement()
                .asString()
                .startsWith(APP + "keys: has a key that signs access tokens too");
    }

    @Test
    void theGatewaysOwnKeysAreNoBackends() throws IOException {
        assertThat(with(APP + "mode: verify", APP + "keys: " + keys.refreshTokenKeys())
                        .problems())
                .isNotEmpty()
                .allMatch(problem -> problem.startsWith(APP + "keys: holds a key of portcullis.realms."));
    }

    @Test
    void twoRealmsThatCannotBeToldApartStopTheStart() throws IOException {
        assertThat(with(
                                APP + "mode: verify",
                                APP + "keys: " + others.accessTokenKeys(),
                                DASHBOARD + "mode: verify",
                                DASHBOARD + "keys: " + others.accessTokenKeys())
                        .problems())
                .singleElement()
                .asString()
                .contains("a token's realm cannot be told");
    }

    @Test
    void verifyWithoutKeysStopsTheStart() throws IOException {
        assertThat(with(APP + "mode: verify").problems()).containsExactly(APP + "keys: is not set");
    }
}
