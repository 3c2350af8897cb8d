package io.portcullis.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.portcullis.session.RevokedSessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;

/** Several clients of one Redis, each with a connection of its own, as several replicas of the gateway are. */
final class RedisClients implements AutoCloseable {
    static final String KEY_PREFIX = "portcullis:";
    static final int REVOCATIONS_KEPT = 1000;
    static final Duration ACCESS_TOKENS_LIVE = Duration.ofMinutes(5);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(10);

    private final ClientResources threads = DefaultClientResources.create();
    private final List<LettuceConnectionFactory> connections = new ArrayList<>();
    private final List<ScriptRunner> scripts = new ArrayList<>();
    private final List<RevokedSessions> revoked = new ArrayList<>();
    private final List<RevocationStream> revocations = new ArrayList<>();
    /** Gives no sign of life. */
    private final Replicas sameReplica;

    private final Queue<Duration> lags = new ConcurrentLinkedQueue<>();

    RedisClients(RedisServer server, int clients) {
        this(server.port(), clients);
    }

    RedisClients(int port, int clients) {
        this(RedisUsers.at(port), clients);
    }

    RedisClients(RedisConfiguration redis, int clients) {
        for (int i = 0; i < clients; i++) {
            LettuceConnectionFactory connection = new LettuceConnectionFactory(
                    redis,
                    LettuceClientConfiguration.builder()
                            .clientResources(threads)
                            .commandTimeout(COMMAND_TIMEOUT)
                            // as LettuceConfiguration has it
                            .clientOptions(ClientOptions.builder()
                                    .replayFilter(command -> true)
                                    .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                                    .timeoutOptions(TimeoutOptions.enabled())
                                    .build())
                            .build());
            connection.afterPropertiesSet();
            connection.start();
            connections.add(connection);
            scripts.add(new ScriptRunner(connection));
            RevokedSessions known = new RevokedSessions(REVOCATIONS_KEPT);
            revoked.add(known);
            revocations.add(announcing(i, known, REVOCATIONS_KEPT));
        }
        sameReplica = replicas(0, new Unsettled());
    }

    /** Another announcing side of that client. */
    RevocationStream announcing(int client, RevokedSessions known, int bound) {
        return new RevocationStream(
                scripts.get(client), KEY_PREFIX, known, ACCESS_TOKENS_LIVE, bound, InstantSource.system());
    }

    /** Over a connection of its own that is there already: whoever came first would make it, and others would wait for them. */
    ReactiveStringRedisTemplate template(int client) {
        connections.get(client).getReactiveConnection();
        return new ReactiveStringRedisTemplate(connections.get(client));
    }

    /** These clients, once all of them are connected. */
    RedisClients connected() {
        scripts.forEach(client -> client.connect().block(CONNECTS_WITHIN));
        return this;
    }

    RedisSessionStore store(int client) {
        return store(client, new KeptRevocations(REVOCATIONS_KEPT, InstantSource.system()));
    }

    /** The same, which keeps what it revokes there. */
    RedisSessionStore store(int client, KeptRevocations kept) {
        return store(client, kept, sameReplica);
    }

    /** The same for another replica than the other clients. */
    RedisSessionStore store(int client, Replicas replicas) {
        return store(client, new KeptRevocations(REVOCATIONS_KEPT, InstantSource.system()), replicas);
    }

    private RedisSessionStore store(int client, KeptRevocations kept, Replicas replicas) {
        return new RedisSessionStore(
                scripts.get(client), KEY_PREFIX, revocations.get(client), kept, replicas, Duration.ZERO);
    }

    /** A replica that speaks over that client. */
    Replicas replicas(int client, Unsettled unsettled) {
        return new Replicas(scripts.get(client), KEY_PREFIX, unsettled, COMMAND_TIMEOUT);
    }

    EventStream events(int client) {
        return new EventStream(scripts.get(client), KEY_PREFIX, 10);
    }

    RevocationStream revocations(int client) {
        return revocations.get(client);
    }

    /** Follows the revocations of the other clients, from when it is started. */
    RevocationTail tail(int client) {
        return tail(client, InstantSource.system());
    }

    /** The same by another clock. */
    RevocationTail tail(int client, InstantSource clock) {
        return tail(client, clock, lags::add);
    }

    /** The same with a witness of its own, which the tail's thread tells of each announcement. */
    RevocationTail tail(int client, InstantSource clock, Consumer<Duration> witness) {
        return new RevocationTail(
                connections.get(client),
                COMMAND_TIMEOUT,
                KEY_PREFIX,
                revoked.get(client),
                revocations.get(client),
                REVOCATIONS_KEPT,
                witness,
                clock);
    }

    /** How long revocations were under way that tails of these clients have seen. */
    Queue<Duration> lags() {
        return lags;
    }

    /** What that client knows of revoked sessions. */
    RevokedSessions revoked(int client) {
        return revoked.get(client);
    }

    @Override
    public void close() {
        connections.forEach(LettuceConnectionFactory::destroy);
        threads.shutdown(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
