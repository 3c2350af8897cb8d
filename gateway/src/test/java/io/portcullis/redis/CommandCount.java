package io.portcullis.redis;

import java.util.Set;

/**
 * How many commands a Redis server was sent: those that scripts run inside it are not counted, nor are those by which a
 * gateway waits for revocations.
 */
public final class CommandCount {
    private static final Set<String> INSIDE_SCRIPTS = Set.of(
            "time",
            "get",
            "hmget",
            "hset",
            "hdel",
            "pexpireat",
            "pexpire",
            "pttl",
            "zadd",
            "zremrangebyscore",
            "zrangebyscore",
            "hget",
            "xadd");
    private static final Set<String> WAITING = Set.of("xread", "time");
    private static final String STATISTICS = "info";

    private CommandCount() {}

    public static long of(RedisServer redis) {
        return redis.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .filter(line -> {
                    String name = line.substring("cmdstat_".length(), line.indexOf(':'));
                    return !INSIDE_SCRIPTS.contains(name) && !WAITING.contains(name) && !name.equals(STATISTICS);
                })
                .mapToLong(line -> Long.parseLong(line.replaceFirst("cmdstat_\\w+:calls=(\\d+),.*", "$1")))
                .sum();
    }
}
