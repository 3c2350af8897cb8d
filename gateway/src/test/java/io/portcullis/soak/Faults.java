package io.portcullis.soak;

import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.soak.Troubles.Disturbance;
import io.portcullis.soak.Troubles.Loss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes one fault after the other, of kinds that are dealt like cards, so that each comes; after a few of them all is well for
 * a time.
 */
final class Faults {
    private static final Duration LONGER_THAN_A_REFRESH_WAITS = Duration.ofMillis(2100);
    private static final int CUTS = 5;
    private static final Duration NOT_OVER_YET = Duration.ofDays(1);
    private static final Duration BETWEEN_CUTS = Duration.ofMillis(100);
    /** For a connection that is being made when the network is mended. */
    private static final Duration SETTLES_WITHIN = Duration.ofMillis(50);

    private final SoakWorld world;
    private final Random random;
    private final Pauses pauses;
    private final Plan plan;
    private final Deque<SoakFault> cards = new ArrayDeque<>();
    private final Map<SoakFault, Integer> made = new EnumMap<>(SoakFault.class);
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
        try {
            while (pauses.areOn()) {
                for (int i = 0; i < plan.inARow() && pauses.areOn(); i++) {
                    pauses.pause(Duration.ofMillis(100 + random.nextInt(300)));
                    make(next());
                }
                pauses.pause(plan.calm());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    private void make(SoakFault kind) throws IOException {
        int replica = random.nextInt(world.replicas());
        FaultyProxy link = world.link(replica);
        End end = random.nextBoolean() ? End.FIN : End.RST;
        Duration time = Duration.ofMillis(200 + random.nextInt(1600));
        switch (kind) {
            case REPLIES_CUT -> disturb(replica, () -> cut(link, Direction.TO_CLIENT, end));
            case COMMANDS_CUT -> disturb(replica, () -> cut(link, Direction.TO_SERVER, end));
            case REPLIES_DROPPED -> disturb(replica, () -> swallow(link, Direction.TO_CLIENT, time));
            case COMMANDS_DROPPED -> disturb(replica, () -> swallow(link, Direction.TO_SERVER, time));
            case DELAYED ->
                disturb(replica, () -> {
                    link.delay(Duration.ofMillis(20 + random.nextInt(200)));
                    pauses.pause(time);
                    link.behave();
                });
            case REFUSED ->
                disturb(replica, () -> {
                    link.refuse();
                    link.cutNow(end);
                    pauses.pause(time);
                    link.behave();
                });
            case FROZEN -> disturb(Troubles.ALL_REPLICAS, () -> freeze(LONGER_THAN_A_REFRESH_WAITS.plus(time)));
            case STALLED -> disturb(Troubles.ALL_REPLICAS, () -> freeze(time.dividedBy(2)));
            case RESTARTED ->
                disturb(Troubles.ALL_REPLICAS, () -> {
                    world.redis().stop();
                    pauses.pause(time.dividedBy(2));
                    world.redis().startAgain();
                });
            case CRASHED -> crash(time);
            case CLIENTS_CUT -> world.door(replica).cutNow(end);
        }
        made.merge(kind, 1, Integer::sum);
    }

    private void disturb(int replica, Runnable fault) {
        long from = System.nanoTime();
        current = new Disturbance(replica, from, from + NOT_OVER_YET.toNanos());
        try {
            fault.run();
        } finally {
            disturbances.add(new Disturbance(replica, from, System.nanoTime()));
            current = null;
        }
    }

    private void freeze(Duration time) {
        world.redis().pause();
        pauses.pause(time);
        world.redis().resume();
    }

    private void cut(FaultyProxy link, Direction direction, End end) {
        for (int i = 0; i < CUTS; i++) {
            link.cutOnceAfter(direction, random.nextInt(4) * 10, end);
            pauses.pause(BETWEEN_CUTS);
        }
        link.behave();
    }

    /** TCP loses nothing in the middle: connections of which something was swallowed are over. */
    private void swallow(FaultyProxy link, Direction direction, Duration time) {
        link.swallowAfter(direction, 0);
        pauses.pause(time);
        link.refuse();
        pauses.pause(SETTLES_WITHIN);
        link.cutNow(End.RST);
        link.behave();
    }

    private void crash(Duration time) throws IOException {
        long keptUntil = System.nanoTime();
        long bytes = world.redis().bytesKept();
        pauses.pause(time);
        disturb(Troubles.ALL_REPLICAS, () -> {
            try {
                world.redis().kill();
                losses.add(new Loss(keptUntil, System.nanoTime()));
                world.redis().forgetAfter(bytes);
                world.redis().startAgain();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
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
        return made;
    }
}
