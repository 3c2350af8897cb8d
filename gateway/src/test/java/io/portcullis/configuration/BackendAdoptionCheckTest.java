package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code portcullis.adoption} and the mode {@code backend}: nobody to ask, or an answer of no one realm, does not start. */
class BackendAdoptionCheckTest {
    private static final String URI = "portcullis.adoption.backend-uri";
    private static final String ENDPOINT = URI + ": ${BACKEND_URI}/api/auth/refresh";
    private static final String APP = "portcullis.realms.app.adoption.";
    private static final String DASHBOARD = "portcullis.realms.dashboard.adoption.";
    private static final String BOTH = APP + "mode: backend\n" + DASHBOARD + "mode: backend";

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
    void oneRealmNeedsNoClaims() throws IOException {
        assertThat(with(ENDPOINT, APP + "mode: backend").problems()).isEmpty();
    }

    @Test
    void theOneThatRequiresMoreGoesFirst() throws IOException {
        assertThat(with(ENDPOINT, BOTH, APP + "required-claims.projectId: '*'").problems())
                .isEmpty();
    }

    @Test
    void claimsOfDifferentValuesTellRealmsApart() throws IOException {
        assertThat(with(
                                ENDPOINT,
                                BOTH,
                                APP + "required-claims.kind: app",
                                DASHBOARD + "required-claims.kind: dashboard")
                        .problems())
                .isEmpty();
    }

    @Test
    void keysOfTheirOwnTellRealmsApart() throws IOException {
        assertThat(with(ENDPOINT, BOTH, "portcullis.realms.app.access-token-keys: " + others.accessTokenKeys())
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                APP + "required-claims.projectId: '*'\n" + DASHBOARD + "required-claims.orgId: '*'",
                APP + "required-claims.kind: app\n" + DASHBOARD + "required-claims.kind: '*'"
            })
    void twoRealmsThatATokenCanFitAlikeStopTheStart(String claims) throws IOException {
        assertThat(with(ENDPOINT, BOTH, claims).problems())
                .singleElement()
                .asString()
                .startsWith(DASHBOARD + "required-claims: ")
                .endsWith("its realm cannot be told");
    }

    @Test
    void backendWithoutAnEndpointStopsTheStart() throws IOException {
        assertThat(with(APP + "mode: backend").problems())
                .containsExactly(URI + ": is not set, and a realm's adoption.mode is backend");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:3000",
                "http://127.0.0.1:3000/",
                "ftp://127.0.0.1/refresh",
                "/api/auth/refresh",
                "http://user:secret@127.0.0.1/refresh",
                "http://127.0.0.1:70000/refresh",
                "http://127.0.0.1/refresh#x",
                "http://[/refresh",
                "mailto:x"
            })
    void anEndpointThatIsNoneStopsTheStart(String uri) throws IOException {
        assertThat(with(URI + ": '" + uri + "'").problems())
                .singleElement()
                .asString()
                .startsWith(URI + ": is not the URL of a refresh endpoint")
                .doesNotContain("secret");
    }

    @Test
    void anEndpointWithAVariableThatIsNotSetIsSaidOnce() throws IOException {
        assertThat(with(URI + ": ${NOWHERE}/api/auth/refresh", APP + "mode: backend")
                        .problems())
                .containsExactly(URI + ": ${NOWHERE} is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout: 0s", "timeout: 31s", "body-limit: 0B", "max-calls: 0", "max-calls: 10001"})
    void limitsThatAreNoneStopTheStart(String limit) throws IOException {
        assertThat(with("portcullis.adoption." + limit).problems())
                .singleElement()
                .asString()
                .startsWith("portcullis.adoption." + limit.substring(0, limit.indexOf(':')) + ": is ");
    }

    @Test
    void whoLeavesAsksTheBackends() throws IOException {
        assertThat(with(ENDPOINT, "portcullis.leaving: true").problems()).isEmpty();
        assertThat(with("portcullis.leaving: true").problems())
                .containsExactly(URI + ": is not set, and portcullis.leaving needs it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "verify"})
    void whoLeavesAdoptsNothing(String mode) throws IOException {
        assertThat(with(ENDPOINT, "portcullis.leaving: true", APP + "mode: " + mode)
                        .problems())
                .contains("portcullis.realms.app.adoption.mode: is not off, and portcullis.leaving opens no session");
    }
}
