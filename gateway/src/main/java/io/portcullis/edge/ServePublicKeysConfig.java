package io.portcullis.edge;

import java.time.Duration;

/** The arguments of {@code ServePublicKeys}; a JavaBean, as Spring Cloud Gateway fills it. */
public final class ServePublicKeysConfig {
    private String realm = "";
    private Duration maxAge = Duration.ofMinutes(5);

    /** Whose keys; blank for those of all realms. */
    public String getRealm() {
        return realm;
    }

    public void setRealm(String realm) {
        this.realm = realm;
    }

    /** How long who has the answer may keep it. */
    public Duration getMaxAge() {
        return maxAge;
    }

    public void setMaxAge(Duration maxAge) {
        this.maxAge = maxAge;
    }
}
