package io.portcullis.redis;

import io.portcullis.session.SessionStore;
import io.portcullis.session.SessionStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The naive store is right when nothing is concurrent: what catches it elsewhere is the race and nothing else. */
class NaiveSessionStoreIT extends SessionStoreContract {
    private static RedisServer redis;
    private static RedisClients clients;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @Override
    protected SessionStore store() {
        return new NaiveSessionStore(clients.template(0));
    }
}
