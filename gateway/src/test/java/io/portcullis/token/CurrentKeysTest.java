package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CurrentKeysTest {
    private static final JwsKeys ACCESS = SampleKeys.keys(SampleKeys.secret("a"));
    private static final JwsKeys REFRESH = SampleKeys.keys(SampleKeys.secret("r"));
    private static final JwsKeys BACKENDS = SampleKeys.keys(SampleKeys.secret("b"));
    private static final RealmKeys REALM = new RealmKeys(ACCESS, REFRESH, null);

    private final CurrentKeys keys = new CurrentKeys(Map.of("app", REALM));

    @Test
    void whoAskedOnceGetsTheNewOnesToo() {
        var access = keys.accessTokens("app");
        assertThat(access.get()).isSameAs(ACCESS);
        RealmKeys rolled = new RealmKeys(SampleKeys.keys(SampleKeys.secret("c")), REFRESH, BACKENDS);

        keys.replace(Map.of("app", rolled));

        assertThat(access.get()).isSameAs(rolled.accessTokens());
        assertThat(keys.adoption("app").get()).isSameAs(BACKENDS);
        assertThat(keys.byRealm()).isEqualTo(Map.of("app", rolled));
        assertThat(keys.refreshTokens().ofRealm("app")).isSameAs(REFRESH);
    }

    @Test
    void keysOfOtherRealmsAreRefusedAndChangeNothing() {
        assertThatThrownBy(() -> keys.replace(Map.of("app", REALM, "dashboard", REALM)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dashboard");

        assertThat(keys.byRealm()).containsOnlyKeys("app");
    }

    @Test
    void aRealmThatIsNotThereHasNoKeys() {
        assertThatThrownBy(() -> keys.accessTokens("dashboard").get())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dashboard");
    }

    @Test
    void aRealmThatAdoptsNothingHasNoKeysForIt() {
        assertThatThrownBy(() -> keys.adoption("app").get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("app");
    }
}
