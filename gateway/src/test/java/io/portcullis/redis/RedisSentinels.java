package io.portcullis.redis;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A master with two replicas and three Sentinels that watch them, real processes on free loopback ports, that fail over in
 * seconds.
 */
public final class RedisSentinels implements RedisFailover {
    private static final String NAME = "sessions";
    private static final Duration FORMS_WITHIN = Duration.ofSeconds(20);

    private final List<RedisServer> servers = new ArrayList<>();
    private final List<RedisServer> sentinels = new ArrayList<>();

    private RedisSentinels() {}

    /** Starts all six and waits until each Sentinel knows the others and the replicas. */
    public static RedisSentinels start() {
        RedisSentinels started = new RedisSentinels();
        try {
            started.form();
            return started;
        } catch (RuntimeException | AssertionError e) {
            started.close();
            throw e;
        }
    }

    private void form() {
        RedisServer master = RedisServer.start("--repl-diskless-sync-delay", "0");
        servers.add(master);
        for (int i = 0; i < 2; i++) {
            servers.add(
                    RedisServer.start("--replicaof", "127.0.0.1 " + master.port(), "--repl-diskless-sync-delay", "0"));
        }
        // a Sentinel asks for replicas every 10 s: those that there are when it starts it knows at once
        await().atMost(FORMS_WITHIN).until(() -> attached(master) == 2);
        for (int i = 0; i < 3; i++) {
            sentinels.add(RedisServer.startSentinel(
                    "monitor " + NAME + " 127.0.0.1 " + master.port() + " 2",
                    "auth-user " + NAME + " " + RedisUsers.ADMINISTRATOR,
                    "auth-pass " + NAME + " " + RedisUsers.ADMINISTRATORS_PASSWORD,
                    "sentinel-user " + RedisUsers.ADMINISTRATOR,
                    "sentinel-pass " + RedisUsers.ADMINISTRATORS_PASSWORD,
                    "down-after-milliseconds " + NAME + " 1500",
                    "failover-timeout " + NAME + " 4000",
                    "parallel-syncs " + NAME + " 2"));
        }
        await().atMost(FORMS_WITHIN)
                .until(() -> sentinels.stream()
                        .allMatch(sentinel -> sentinel.command("INFO", "sentinel")
                                .contains("status=ok,address=127.0.0.1:" + master.port() + ",slaves=2,sentinels=3")));
    }

    private static long attached(RedisServer master) {
        return master.command("INFO", "replication")
                .lines()
                .filter(line -> line.contains("state=online"))
                .count();
    }

    @Override
    public String[] properties() {
        String nodes = sentinels.stream()
                .map(sentinel -> "127.0.0.1:" + sentinel.port())
                .collect(Collectors.joining(","));
        return Stream.concat(
                        RedisUsers.properties(),
                        Stream.of(
                                "spring.data.redis.sentinel.master=" + NAME,
                                "spring.data.redis.sentinel.nodes=" + nodes,
                                "spring.data.redis.sentinel.username=" + RedisUsers.GATEWAY,
                                "spring.data.redis.sentinel.password=" + RedisUsers.PASSWORD))
                .toArray(String[]::new);
    }

    @Override
    public RedisServer masterOf(String key) {
        Set<String> ports = sentinels.stream()
                .map(sentinel -> sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME))
                .flatMap(address -> address.lines().skip(1))
                .collect(Collectors.toSet());
        return servers.stream()
                .filter(server -> ports.equals(Set.of(Integer.toString(server.port()))))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the Sentinels do not agree who is master"));
    }

    @Override
    public Predicate<String> keysOf(RedisServer master) {
        return key -> true;
    }

    /** They tell it 10 s later. */
    @Override
    public void awaitTold(RedisServer master) {}

    @Override
    public List<RedisServer> replicasOf(RedisServer master) {
        return servers.stream()
                .filter(server -> server != master && server.answersNow())
                .toList();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisServer::close);
        servers.forEach(RedisServer::close);
    }
}
