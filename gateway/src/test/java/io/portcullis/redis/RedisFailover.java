package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Servers of which one takes over when a master is gone. */
public interface RedisFailover extends AutoCloseable {
    Duration FAILS_OVER_WITHIN = Duration.ofSeconds(20);
    Duration FOLLOWS_WITHIN = Duration.ofSeconds(40);

    /** Where a gateway finds them, each as {@code name=value}. */
    String[] properties();

    /** The server that has that key now. */
    RedisServer masterOf(String key);

    /** The running servers that follow that one. */
    List<RedisServer> replicasOf(RedisServer master);

    /** Which keys that master has now. */
    Predicate<String> keysOf(RedisServer master);

    /**
     * What is done meanwhile that master alone carries out; then it is killed, and one that has not heard of it takes over.
     * What was done before is not lost.
     */
    default void failOverWithout(RedisServer master, Runnable lost) {
        awaitPassedOn(master);
        List<RedisServer> replicas = replicasOf(master);
        replicas.forEach(RedisServer::pause);
        try {
            // what a frozen one has been sent it would read when it goes on
            master.command("CLIENT", "KILL", "TYPE", "replica");
            await().until(() -> master.command("INFO", "replication").contains("connected_slaves:0"));
            lost.run();
            master.kill();
        } finally {
            replicas.forEach(RedisServer::resume);
        }
    }

    /** Waits until all replicas have what that master has carried out until now. */
    default void awaitPassedOn(RedisServer master) {
        List<RedisServer> replicas = replicasOf(master);
        assertThat(replicas).isNotEmpty();
        long written = offset(master, "master_repl_offset:");
        await().until(() -> replicas.stream().allMatch(replica -> offset(replica, "slave_repl_offset:") >= written));
    }

    private static long offset(RedisServer server, String name) {
        return server.command("INFO", "replication")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(name.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no " + name));
    }

    /**
     * Waits until a thawed master has heard from the others that it was replaced, where they tell it at once. What it had been
     * sent it carries out first, and that is lost.
     */
    void awaitTold(RedisServer master);

    /** Waits until a server that was master follows the one that took over. */
    default void awaitFollows(RedisServer server) {
        await().atMost(FOLLOWS_WITHIN)
                // one that becomes a replica ends its clients' connections
                .ignoreExceptions()
                .until(() -> server.command("INFO", "replication").contains("master_link_status:up"));
    }

    /** Waits until another server has that key. */
    default RedisServer awaitMasterOf(String key, RedisServer before) {
        return await().atMost(FAILS_OVER_WITHIN)
                .ignoreExceptions()
                .until(() -> masterOf(key), master -> master != before);
    }

    @Override
    void close();
}
