package io.portcullis.redis;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Redis Cluster of three masters with a replica each, real processes on free loopback ports, that fails over in seconds. */
public final class RedisCluster implements RedisFailover {
    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration FORMS_WITHIN = Duration.ofSeconds(20);

    private final List<RedisServer> nodes = new ArrayList<>();

    private RedisCluster() {}

    /** Starts the six nodes and waits until each knows all and has what its master has. */
    public static RedisCluster start() {
        RedisCluster cluster = new RedisCluster();
        try {
            cluster.form();
            return cluster;
        } catch (RuntimeException | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    private void form() {
        for (int i = 0; i < 2 * MASTERS; i++) {
            nodes.add(RedisServer.start(
                    "--cluster-enabled", "yes",
                    "--cluster-announce-ip", "127.0.0.1",
                    "--cluster-node-timeout", "2000",
                    // one that was cut off long ago takes over as well
                    "--cluster-replica-validity-factor", "0",
                    "--repl-diskless-sync-delay", "0"));
        }
        for (int i = 0; i < MASTERS; i++) {
            int first = i * SLOTS / MASTERS;
            int last = (i + 1) * SLOTS / MASTERS - 1;
            nodes.get(i).command("CLUSTER", "ADDSLOTSRANGE", Integer.toString(first), Integer.toString(last));
        }
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            nodes.get(0)
                    .command(
                            "CLUSTER",
                            "MEET",
                            "127.0.0.1",
                            Integer.toString(nodes.get(i).port()),
                            Integer.toString(nodes.get(i).busPort()));
        }
        await().atMost(FORMS_WITHIN)
                .until(() -> nodes.stream().allMatch(node -> hasLine(node, "cluster_known_nodes:" + nodes.size())));
        for (int i = MASTERS; i < nodes.size(); i++) {
            nodes.get(i).command("CLUSTER", "REPLICATE", nodes.get(i - MASTERS).command("CLUSTER", "MYID"));
        }
        await().atMost(FORMS_WITHIN)
                .until(() -> nodes.stream().allMatch(node -> hasLine(node, "cluster_state:ok"))
                        && nodes.subList(MASTERS, nodes.size()).stream().allMatch(RedisCluster::follows)
                        && nodes.stream().allMatch(node -> replicasKnownTo(node) == MASTERS));
    }

    private static boolean hasLine(RedisServer node, String line) {
        return node.command("CLUSTER", "INFO").lines().anyMatch(line::equals);
    }

    private static boolean follows(RedisServer node) {
        return node.command("INFO", "replication").contains("master_link_status:up");
    }

    private static long replicasKnownTo(RedisServer node) {
        return node.command("CLUSTER", "NODES")
                .lines()
                .filter(line -> line.contains("slave"))
                .count();
    }

    @Override
    public String[] properties() {
        String addresses =
                nodes.stream().map(node -> "127.0.0.1:" + node.port()).collect(Collectors.joining(","));
        return Stream.concat(RedisUsers.properties(), Stream.of("spring.data.redis.cluster.nodes=" + addresses))
                .toArray(String[]::new);
    }

    @Override
    public RedisServer masterOf(String key) {
        return running().stream()
                .filter(node -> keysOf(node).test(key))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(key + " has no master"));
    }

    @Override
    public Predicate<String> keysOf(RedisServer master) {
        BitSet slots = slotsOf(master);
        return key -> slots.get(SlotHash.getSlot(key));
    }

    /** By what the node says of itself: {@code <id> <address> myself,master - 0 0 <epoch> connected 0-5460 ...}. */
    private static BitSet slotsOf(RedisServer node) {
        BitSet slots = new BitSet(SLOTS);
        node.command("CLUSTER", "NODES")
                .lines()
                .filter(line -> line.contains("myself,master"))
                .flatMap(line -> Stream.of(line.split(" ")).skip(8))
                .map(range -> range.split("-"))
                .forEach(range -> slots.set(Integer.parseInt(range[0]), Integer.parseInt(range[range.length - 1]) + 1));
        return slots;
    }

    @Override
    public void awaitTold(RedisServer master) {
        await().pollInterval(Duration.ofMillis(10)).until(() -> slotsOf(master).isEmpty());
    }

    @Override
    public List<RedisServer> replicasOf(RedisServer master) {
        String id = master.command("CLUSTER", "MYID");
        return running().stream()
                .filter(node ->
                        node.command("CLUSTER", "NODES").lines().anyMatch(line -> line.contains("myself,slave " + id)))
                .toList();
    }

    private List<RedisServer> running() {
        return nodes.stream().filter(RedisServer::answersNow).toList();
    }

    @Override
    public void close() {
        nodes.forEach(RedisServer::close);
    }
}
