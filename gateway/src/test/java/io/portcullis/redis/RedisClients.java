package io.portcullis.redis;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

/** Several clients of one Redis, each with a connection of its own, as several replicas of the gateway are. */
final class RedisClients implements AutoCloseable {
    static final String KEY_PREFIX = "portcullis:";
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(10);

    private final ClientResources threads = DefaultClientResources.create();
    private final List<LettuceConnectionFactory> connections = new ArrayList<>();
    private final List<ScriptRunner> scripts = new ArrayList<>();

    RedisClients(RedisServer server, int clients) {
        for (int i = 0; i < clients; i++) {
            LettuceConnectionFactory connection = new LettuceConnectionFactory(
                    new RedisStandaloneConfiguration("127.0.0.1", server.port()),
                    LettuceClientConfiguration.builder()
                            .clientResources(threads)
                            .commandTimeout(COMMAND_TIMEOUT)
                            .build());
            connection.afterPropertiesSet();
            connection.start();
            connections.add(connection);
            scripts.add(new ScriptRunner(connection));
        }
    }

    ReactiveStringRedisTemplate template(int client) {
        return new ReactiveStringRedisTemplate(connections.get(client));
    }

    /** These clients, once all of them are connected. */
    RedisClients connected() {
        scripts.forEach(client -> client.connect().block(CONNECTS_WITHIN));
        return this;
    }

    RedisSessionStore store(int client) {
        return new RedisSessionStore(scripts.get(client), KEY_PREFIX);
    }

    @Override
    public void close() {
        connections.forEach(LettuceConnectionFactory::destroy);
        threads.shutdown(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
