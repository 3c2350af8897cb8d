package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisSentinels;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.StoredRecords;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A master with two replicas, and three Sentinels that watch them. */
class SentinelFailoverIT extends FailoverContract {
    @Override
    RedisFailover redis() {
        return RedisSentinels.start();
    }

    /** Nobody asked anything of it meanwhile. Thawed, it takes writes until it is told, about 10 s. */
    @Test
    void masterThatWasReplacedUnnoticedIsLeftBeforeItIsTold() {
        Session session = new Session(one, "ada@example.com").refreshed();
        RedisServer master = redis.masterOf(session.key());

        master.pause();
        RedisServer next = redis.awaitMasterOf(session.key(), master);
        master.resume();

        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
            session.refreshed();
            return StoredRecords.of(next, session.sid()).get("gen").equals(session.generation());
        });
        assertThat(master.command("INFO", "replication")).contains("role:master");
    }
}
