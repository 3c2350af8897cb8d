package io.portcullis.token;

import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The keys of all realms as they are now. They change together, by one write of one reference: what takes more than one look
 * at them takes what it got at the first.
 */
public final class CurrentKeys {
    private volatile Snapshot snapshot;

    /** @param refreshTokens made of the others: what is looked up for each token is made once */
    private record Snapshot(Map<String, RealmKeys> byRealm, RefreshTokenKeys refreshTokens) {
        static Snapshot of(Map<String, RealmKeys> byRealm) {
            return new Snapshot(
                    Map.copyOf(byRealm),
                    new RefreshTokenKeys(byRealm.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, realm -> realm.getValue().refreshTokens()))));
        }
    }

    /** @param byRealm those that were read at the start */
    public CurrentKeys(Map<String, RealmKeys> byRealm) {
        this.snapshot = Snapshot.of(byRealm);
    }

    /** From now on these, of the same realms. */
    public void replace(Map<String, RealmKeys> byRealm) {
        if (!byRealm.keySet().equals(snapshot.byRealm.keySet())) {
            throw new IllegalArgumentException("other realms than before: " + byRealm.keySet());
        }
        snapshot = Snapshot.of(byRealm);
    }

    /** All of them, by realm. */
    public Map<String, RealmKeys> byRealm() {
        return snapshot.byRealm;
    }

    /** The keys that a realm's access tokens are signed with, whenever it is asked. */
    public Supplier<JwsKeys> accessTokens(String realm) {
        return () -> of(realm).accessTokens();
    }

    /** The keys with which a realm's backends signed refresh tokens, whenever it is asked. */
    public Supplier<JwsKeys> adoption(String realm) {
        return () -> {
            JwsKeys keys = of(realm).adoption();
            if (keys == null) {
                throw new IllegalStateException("the realm adopts nothing by its signature: " + realm);
            }
            return keys;
        };
    }

    /** The gateway's own keys, of all realms. */
    public RefreshTokenKeys refreshTokens() {
        return snapshot.refreshTokens;
    }

    private RealmKeys of(String realm) {
        RealmKeys keys = snapshot.byRealm.get(realm);
        if (keys == null) {
            throw new IllegalArgumentException("no such realm: " + realm);
        }
        return keys;
    }
}
