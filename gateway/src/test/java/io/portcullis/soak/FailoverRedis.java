package io.portcullis.soak;

import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.StoredRecords;
import java.time.Duration;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Servers of which one takes over when a master is gone; the replicas find them by themselves. */
final class FailoverRedis implements SoakRedis {
    private final RedisFailover servers;
    private @Nullable RedisServer replaced;

    FailoverRedis(RedisFailover servers) {
        this.servers = servers;
    }

    @Override
    public String[] another() {
        return servers.properties();
    }

    /** How often the refresh token of that session was rotated, as Redis has it. */
    long generation(String session) {
        return Long.parseLong(StoredRecords.of(servers.masterOf(StoredRecords.key(session)), session)
                .get("gen"));
    }

    @Override
    public void make(SoakFault kind, Faults faults) {
        if (replaced != null) {
            servers.awaitFollows(replaced);
        }
        // of any slot
        String key = Integer.toString(faults.random().nextInt());
        RedisServer master = servers.masterOf(key);
        Predicate<String> keys = servers.keysOf(master);
        Predicate<String> sessions = session -> keys.test(StoredRecords.key(session));
        switch (kind) {
            case MASTER_KILLED -> kill(master, key, sessions, faults);
            case MASTER_FROZEN -> freeze(master, key, sessions, faults);
            default -> throw new IllegalArgumentException(kind + " is not made here");
        }
        replaced = master;
    }

    private void kill(RedisServer master, String key, Predicate<String> sessions, Faults faults) {
        Random random = faults.random();
        long keptUntil = System.nanoTime();
        // nobody notices yet
        servers.failOverWithout(master, () -> faults.pauses().pause(Duration.ofMillis(200 + random.nextInt(600))));
        faults.hasLost(sessions, keptUntil);
        faults.disturb(Troubles.ALL_REPLICAS, () -> servers.awaitMasterOf(key, master));
        master.startAgain();
    }

    private void freeze(RedisServer master, String key, Predicate<String> sessions, Faults faults) {
        long keptUntil = System.nanoTime();
        servers.awaitPassedOn(master);
        faults.disturb(Troubles.ALL_REPLICAS, () -> {
            master.pause();
            // what it answered in that moment it may not have passed on
            faults.hasLost(sessions, keptUntil);
            servers.awaitMasterOf(key, master);
        });
        long thawed = System.nanoTime();
        master.resume();
        servers.awaitTold(master);
        faults.hasLost(sessions, thawed);
    }

    @Override
    public void close() {
        servers.close();
    }
}
