package io.portcullis;

import static org.awaitility.Awaitility.await;

import io.portcullis.redis.RedisCluster;
import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three masters, each with a replica. */
class ClusterFailoverIT extends FailoverContract {
    private static final String ANNOUNCEMENTS = "portcullis:revocations";

    @Override
    RedisFailover redis() {
        return RedisCluster.start();
    }

    /** They are at another master than most sessions, which goes on. */
    @Test
    void killedMasterOfTheAnnouncementsIsReplaced() {
        Session session = new Session(one, "ada@example.com").refreshed();
        RedisServer master = redis.masterOf(ANNOUNCEMENTS);

        master.kill();
        redis.awaitMasterOf(ANNOUNCEMENTS, master);

        assertGoesOn(List.of(session));
        await().atMost(SOON).until(() -> session.replay() == 401);
        await().atMost(SOON).until(() -> session.me(other) == 401);
        assertDeadEverywhere(session);
    }
}
