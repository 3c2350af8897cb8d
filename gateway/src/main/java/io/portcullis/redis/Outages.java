package io.portcullis.redis;

import io.portcullis.redis.Outage.Doubt;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When Redis was away from here. It may have carried out a rotation of another replica just before, whose client was told
 * nothing and now comes here: that replica says so as soon as it is back too, and until then nobody can tell that client from a
 * thief. In a Cluster one server may be away while the others answer: so what is asked of each partition counts for itself too.
 */
final class Outages {
    /** What was carried out so long before the last answer had its own. */
    private static final long ON_THE_WAY = Duration.ofSeconds(1).toNanos();
    /** Who comes here, and is not answered, was told so elsewhere so long ago at most: a budget, and a {@code Retry-After}. */
    private static final long TOLD_ELSEWHERE = Duration.ofSeconds(6).toNanos();

    private final Outage all = new Outage();
    /** There are 4,096 partitions. */
    private final Map<String, Outage> partitions = new ConcurrentHashMap<>();

    private volatile long lastAnswer = System.nanoTime();

    /** @param key of what was asked for */
    void answered(String key) {
        long now = System.nanoTime();
        if (!partitions.isEmpty()) {
            Outage one = partitions.get(RedisKeys.partition(key));
            if (one != null) {
                one.answered(now);
            }
        }
        answered(now);
    }

    /** Redis answered somebody. */
    void answered() {
        answered(System.nanoTime());
    }

    private void answered(long now) {
        if (all.isAway()) {
            all.answered(now);
        }
        lastAnswer = now;
    }

    /** @param key of what was asked for */
    void notAnswered(String key) {
        long now = System.nanoTime();
        String partition = RedisKeys.partition(key);
        if (!partition.isEmpty()) {
            partitions.compute(partition, (name, known) -> {
                Outage one = known == null ? new Outage() : known;
                one.notAnswered(now - TOLD_ELSEWHERE, now);
                return one;
            });
        }
        notAnswered();
    }

    /** Redis did not answer somebody, or could not be asked. */
    void notAnswered() {
        all.notAnswered(lastAnswer - ON_THE_WAY, System.nanoTime());
    }

    /** Of which rotations it is not known now whether they were answered. */
    Doubt doubt(String key) {
        long now = System.nanoTime();
        Doubt ofAll = all.doubt(now);
        Outage one = partitions.isEmpty()
                ? null
                : partitions.computeIfPresent(
                        RedisKeys.partition(key),
                        (name, known) -> known.doubt(now).equals(Doubt.NONE) ? null : known);
        return one == null ? ofAll : ofAll.and(one.doubt(now));
    }
}
