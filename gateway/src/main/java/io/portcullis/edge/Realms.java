package io.portcullis.edge;

import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;

/** The audiences that are configured, by name. */
public final class Realms {
    private final Map<String, Realm> byName;

    public Realms(Map<String, Realm> byName) {
        this.byName = Map.copyOf(byName);
    }

    /**
     * The realm of that name.
     *
     * @throws IllegalArgumentException if there is none, naming those there are
     */
    public Realm get(String name) {
        Realm realm = byName.get(name);
        if (realm == null) {
            throw new IllegalArgumentException(
                    "no realm '" + name + "'; there are " + new TreeSet<>(byName.keySet()) + " (portcullis.realms)");
        }
        return realm;
    }

    Collection<Realm> all() {
        return byName.values();
    }
}
