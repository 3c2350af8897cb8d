package io.portcullis.soak;

import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.RedisUsers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One server that keeps everything in a file. Each replica has a link to it of its own, which can be a bad network. */
final class LoneRedis implements SoakRedis {
    private static final Duration LONGER_THAN_A_REFRESH_WAITS = Duration.ofMillis(2100);
    private static final int CUTS = 5;
    private static final Duration BETWEEN_CUTS = Duration.ofMillis(100);
    /** For a connection that is being made when the network is mended. */
    private static final Duration SETTLES_WITHIN = Duration.ofMillis(50);

    private final RedisServer server =
            RedisServer.start("--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0");
    private final List<FaultyProxy> links = new ArrayList<>();

    @Override
    public String[] another() {
        FaultyProxy link = FaultyProxy.before(server.port());
        links.add(link);
        return new String[] {"spring.data.redis.url=" + RedisUsers.url(link.port())};
    }

    @Override
    public void make(SoakFault kind, Faults faults) {
        Random random = faults.random();
        Pauses pauses = faults.pauses();
        int replica = random.nextInt(links.size());
        FaultyProxy link = links.get(replica);
        End end = random.nextBoolean() ? End.FIN : End.RST;
        Duration time = Duration.ofMillis(200 + random.nextInt(1600));
        switch (kind) {
            case REPLIES_CUT -> faults.disturb(replica, () -> cut(link, Direction.TO_CLIENT, end, faults));
            case COMMANDS_CUT -> faults.disturb(replica, () -> cut(link, Direction.TO_SERVER, end, faults));
            case REPLIES_DROPPED -> faults.disturb(replica, () -> swallow(link, Direction.TO_CLIENT, time, pauses));
            case COMMANDS_DROPPED -> faults.disturb(replica, () -> swallow(link, Direction.TO_SERVER, time, pauses));
            case DELAYED ->
                faults.disturb(replica, () -> {
                    link.delay(Duration.ofMillis(20 + random.nextInt(200)));
                    pauses.pause(time);
                    link.behave();
                });
            case REFUSED ->
                faults.disturb(replica, () -> {
                    link.refuse();
                    link.cutNow(end);
                    pauses.pause(time);
                    link.behave();
                });
            case FROZEN ->
                faults.disturb(Troubles.ALL_REPLICAS, () -> freeze(LONGER_THAN_A_REFRESH_WAITS.plus(time), pauses));
            case STALLED -> faults.disturb(Troubles.ALL_REPLICAS, () -> freeze(time.dividedBy(2), pauses));
            case RESTARTED ->
                faults.disturb(Troubles.ALL_REPLICAS, () -> {
                    server.stop();
                    pauses.pause(time.dividedBy(2));
                    server.startAgain();
                });
            case CRASHED -> crash(time, faults);
            case MASTER_KILLED, MASTER_FROZEN, CLIENTS_CUT ->
                throw new IllegalArgumentException(kind + " is not made here");
        }
    }

    private void freeze(Duration time, Pauses pauses) {
        server.pause();
        pauses.pause(time);
        server.resume();
    }

    private static void cut(FaultyProxy link, Direction direction, End end, Faults faults) {
        for (int i = 0; i < CUTS; i++) {
            link.cutOnceAfter(direction, faults.random().nextInt(4) * 10, end);
            faults.pauses().pause(BETWEEN_CUTS);
        }
        link.behave();
    }

    /** TCP loses nothing in the middle: connections of which something was swallowed are over. */
    private static void swallow(FaultyProxy link, Direction direction, Duration time, Pauses pauses) {
        link.swallowAfter(direction, 0);
        pauses.pause(time);
        link.refuse();
        pauses.pause(SETTLES_WITHIN);
        link.cutNow(End.RST);
        link.behave();
    }

    private void crash(Duration time, Faults faults) {
        try {
            long keptUntil = System.nanoTime();
            long bytes = server.bytesKept();
            faults.pauses().pause(time);
            faults.disturb(Troubles.ALL_REPLICAS, () -> {
                server.kill();
                faults.hasLost(session -> true, keptUntil);
                forgetAfter(bytes);
                server.startAgain();
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forgetAfter(long bytes) {
        try {
            server.forgetAfter(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (FaultyProxy link : links) {
            try {
                link.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        server.close();
    }
}
