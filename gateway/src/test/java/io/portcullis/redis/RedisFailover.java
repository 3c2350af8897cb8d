package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

/** Servers of which one takes over when a master is gone. */
public interface RedisFailover extends AutoCloseable {
    Duration FAILS_OVER_WITHIN = Duration.ofSeconds(20);

    /** Where a gateway finds them, each as {@code name=value}. */
    String[] properties();

    /** The server that has that key now. */
    RedisServer masterOf(String key);

    /** The running servers that follow that one. */
    List<RedisServer> replicasOf(RedisServer master);

    /** What is done meanwhile that master alone carries out; then it is killed, and one that has not heard of it takes over. */
    default void failOverWithout(RedisServer master, Runnable lost) {
        List<RedisServer> replicas = replicasOf(master);
        assertThat(replicas).isNotEmpty();
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

    /** Waits until another server has that key. */
    default RedisServer awaitMasterOf(String key, RedisServer before) {
        return await().atMost(FAILS_OVER_WITHIN)
                .ignoreExceptions()
                .until(() -> masterOf(key), master -> master != before);
    }

    @Override
    void close();
}
