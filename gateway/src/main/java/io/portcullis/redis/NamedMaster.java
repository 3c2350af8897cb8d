package io.portcullis.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.NamedNode;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** The address of the master, as a Sentinel names it. Where there are no Sentinels nobody is asked, and it is always the same. */
final class NamedMaster {
    private static final String NOT_NAMED = "";

    private final LettuceConnectionFactory connections;
    private volatile String last = NOT_NAMED;

    NamedMaster(LettuceConnectionFactory connections) {
        this.connections = connections;
    }

    /** Who it is now; on a thread that may wait. */
    String ask() {
        RedisSentinelConfiguration sentinels = connections.getSentinelConfiguration();
        NamedNode master = sentinels == null ? null : sentinels.getMaster();
        if (master != null && master.getName() != null) {
            String address = ask(master.getName());
            // a Sentinel that does not know is no reason to leave
            last = address == null ? last : address;
        }
        return last;
    }

    private @Nullable String ask(String name) {
        RedisClient client = (RedisClient) connections.getRequiredNativeClient();
        try (StatefulRedisSentinelConnection<String, String> sentinel = client.connectSentinel()) {
            SocketAddress address = sentinel.sync().getMasterAddrByName(name);
            return address == null ? null : address.toString();
        }
    }

    /** Who it was when a Sentinel was asked last. */
    String last() {
        return last;
    }
}
