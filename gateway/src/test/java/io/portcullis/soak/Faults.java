package io.portcullis.soak;

import io.portcullis.FaultyProxy.End;
import io.portcullis.soak.Troubles.Disturbance;
import io.portcullis.soak.Troubles.Loss;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Makes one fault after the other, of kinds that are dealt like cards, so that each comes; after a few of them all is well for
 * a time.
 */
final class Faults {
    private static final Duration NOT_OVER_YET = Duration.ofDays(1);

    private final SoakWorld world;
    private final Random random;
    private final Pauses pauses;
    private final Plan plan;
    private final Deque<SoakFault> cards = new ArrayDeque<>();
    private final Map<SoakFault, Integer> made = new ConcurrentHashMap<>();
    private final List<Disturbance> disturbances = new CopyOnWriteArrayList<>();
    private final List<Loss> losses = new CopyOnWriteArrayList<>();
    private volatile Disturbance current;

    /**
     * What is to go wrong.
     *
     * @param inARow how many faults there are before all is well for as long as {@code calm}
     */
    record Plan(List<SoakFault> kinds, int inARow, Duration calm) {}

    Faults(SoakWorld world, Random random, Pauses pauses, Plan plan) {
        this.world = world;
        this.random = random;
        this.pauses = pauses;
        this.plan = plan;
    }

    /** As long as {@link Pauses} lets it. */
    void go() {
        while (pauses.areOn()) {
            for (int i = 0; i < plan.inARow() && pauses.areOn(); i++) {
                pauses.pause(Duration.ofMillis(100 + random.nextInt(300)));
                make(next());
            }
            pauses.pause(plan.calm());
        }
    }

    private SoakFault next() {
        if (cards.isEmpty()) {
            List<SoakFault> deck = new ArrayList<>(plan.kinds());
            Collections.shuffle(deck, random);
            cards.addAll(deck);
        }
        return cards.remove();
    }

    private void make(SoakFault kind) {
        if (kind == SoakFault.CLIENTS_CUT) {
            world.door(random.nextInt(world.replicas())).cutNow(random.nextBoolean() ? End.FIN : End.RST);
        } else {
            world.redis().make(kind, this);
        }
        made.merge(kind, 1, Integer::sum);
    }

    Random random() {
        return random;
    }

    Pauses pauses() {
        return pauses;
    }

    /** @param replica the only one that notices, or {@link Troubles#ALL_REPLICAS} */
    void disturb(int replica, Runnable fault) {
        long from = System.nanoTime();
        current = new Disturbance(replica, from, from + NOT_OVER_YET.toNanos());
        try {
            fault.run();
        } finally {
            disturbances.add(new Disturbance(replica, from, System.nanoTime()));
            current = null;
        }
    }

    /** From now on nothing is written any more where writes of those sessions were lost, since {@code keptUntil}. */
    void hasLost(Predicate<String> sessions, long keptUntil) {
        losses.add(new Loss(sessions, keptUntil, System.nanoTime()));
    }

    /** Whether that replica may not get through to Redis now. */
    boolean trouble(int replica) {
        Disturbance now = current;
        return now != null && now.concerns(replica);
    }

    /** What went wrong until now; what goes wrong now has not ended. */
    Troubles troubles() {
        Disturbance now = current;
        List<Disturbance> all = new ArrayList<>(disturbances);
        if (now != null) {
            all.add(now);
        }
        return new Troubles(all, List.copyOf(losses));
    }

    Map<SoakFault, Integer> made() {
        return Map.copyOf(made);
    }
}
