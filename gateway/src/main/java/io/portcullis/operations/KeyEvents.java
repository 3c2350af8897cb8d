package io.portcullis.operations;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.portcullis.token.JwsKeys;
import io.portcullis.token.RealmKeys;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** What the operator is told of the key files: which keys are in use, what has changed, and that a file is refused. */
public final class KeyEvents {
    private static final String CHANGED = "keys.changed";

    private final InstantSource clock;
    private final AtomicBoolean isRefused = new AtomicBoolean();
    private final MultiGauge known;

    /** @param signs whether the first of its keys does */
    private record Purpose(String name, boolean signs) {}

    /**
     * Registers the meters: {@code portcullis.keys.refused}, 1 while the files hold what cannot be used and the keys are those
     * from before, else 0; {@code .known}, 1 for each key by its realm, its purpose and its {@code kid}.
     */
    public KeyEvents(MeterRegistry registry, InstantSource clock) {
        this.clock = clock;
        this.known = MultiGauge.builder("portcullis.keys.known").register(registry);
        Gauge.builder("portcullis.keys.refused", isRefused, refused -> refused.get() ? 1 : 0)
                .register(registry);
    }

    /** These keys are in use from the start. */
    public void started(Map<String, RealmKeys> keys) {
        count(keys);
    }

    /** The files can be used, and these keys have taken the place of those before. */
    public void taken(Map<String, RealmKeys> before, Map<String, RealmKeys> now) {
        boolean wasRefused = isRefused.getAndSet(false);
        boolean isChanged = false;
        for (Map.Entry<String, RealmKeys> realm : now.entrySet()) {
            Map<Purpose, JwsKeys> old = byPurpose(before.get(realm.getKey()));
            for (Map.Entry<Purpose, JwsKeys> of : byPurpose(realm.getValue()).entrySet()) {
                if (!of.getValue().isSameAs(old.get(of.getKey()))) {
                    isChanged = true;
                    changed(realm.getKey(), of.getKey(), of.getValue());
                }
            }
        }
        if (wasRefused && !isChanged) {
            tell(Level.INFO, "Key files are as before again", "keys.accepted", SessionMetrics.NO_REALM, Map.of());
        }
        count(now);
    }

    /**
     * The files cannot be used, and the keys from before stay.
     *
     * @param problems what is wrong with the files, without a part of a key
     */
    public void refused(List<String> problems) {
        isRefused.set(true);
        tell(
                Level.ERROR,
                "Key files refused, the keys from before stay",
                "keys.refused",
                SessionMetrics.NO_REALM,
                Map.of("problems", problems));
    }

    private void changed(String realm, Purpose purpose, JwsKeys keys) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("purpose", purpose.name());
        details.put("keys", keys.names());
        tell(Level.INFO, "Keys changed", CHANGED, realm, details);
    }

    private void tell(Level level, String sentence, String type, String realm, Map<String, Object> details) {
        EventLog.print(
                level,
                sentence,
                new SessionEvent(SessionEvent.newId(), clock.instant(), type, realm, null, null, details, null));
    }

    private void count(Map<String, RealmKeys> keys) {
        List<Row<?>> rows = new ArrayList<>();
        keys.forEach((realm, ofRealm) -> byPurpose(ofRealm).forEach((purpose, set) -> {
            List<String> names = set.names();
            for (int i = 0; i < names.size(); i++) {
                boolean signs = purpose.signs() && i == 0;
                rows.add(Row.of(
                        Tags.of(
                                "realm", realm,
                                "purpose", purpose.name(),
                                "kid", names.get(i),
                                "signs", Boolean.toString(signs)),
                        1));
            }
        }));
        boolean overwrite = true;
        known.register(rows, overwrite);
    }

    private static Map<Purpose, JwsKeys> byPurpose(@Nullable RealmKeys keys) {
        Map<Purpose, JwsKeys> byPurpose = new LinkedHashMap<>();
        if (keys != null) {
            byPurpose.put(new Purpose("access", true), keys.accessTokens());
            byPurpose.put(new Purpose("refresh", true), keys.refreshTokens());
            if (keys.adoption() != null) {
                byPurpose.put(new Purpose("adoption", false), keys.adoption());
            }
        }
        return byPurpose;
    }
}
