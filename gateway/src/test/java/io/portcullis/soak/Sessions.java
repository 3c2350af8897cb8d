package io.portcullis.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Whose tokens there are to be had: by thieves, by operators, by who looks whether the dead stay dead. Bounded. */
final class Sessions {
    private static final int REMEMBERED = 256;
    private static final int TRIES = 8;

    private final Map<String, Held> live = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable Held> used = new AtomicReferenceArray<>(REMEMBERED);
    private final AtomicReferenceArray<@Nullable Dead> dead = new AtomicReferenceArray<>(REMEMBERED);

    /** The newest tokens of a session whose end was acknowledged, at that time. */
    record Dead(Held held, long since) {}

    void lives(Held held) {
        live.put(held.session(), held);
    }

    void isUsed(Held held) {
        used.set(ThreadLocalRandom.current().nextInt(REMEMBERED), held);
    }

    void isGone(Held held) {
        live.remove(held.session());
    }

    void isDead(String session) {
        Held held = live.remove(session);
        if (held != null) {
            dead.set(ThreadLocalRandom.current().nextInt(REMEMBERED), new Dead(held, System.nanoTime()));
        }
    }

    void areDead(Held ofSubject) {
        live.values().stream()
                .filter(held -> held.subject().equals(ofSubject.subject()))
                .map(Held::session)
                .toList()
                .forEach(this::isDead);
    }

    List<Held> live() {
        return new ArrayList<>(live.values());
    }

    /** A token that was used, of a session that lives if there is one. */
    @Nullable
    Held used(Random random) {
        Held found = null;
        for (int i = 0; i < TRIES && (found == null || !live.containsKey(found.session())); i++) {
            found = used.get(random.nextInt(REMEMBERED));
        }
        return found;
    }

    @Nullable
    Held live(Random random) {
        List<Held> all = live();
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    @Nullable
    Dead dead(Random random) {
        Dead found = null;
        for (int i = 0; i < TRIES && found == null; i++) {
            found = dead.get(random.nextInt(REMEMBERED));
        }
        return found;
    }
}
