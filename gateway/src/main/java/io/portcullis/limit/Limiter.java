package io.portcullis.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.portcullis.limit.Admission.Admitted;
import io.portcullis.limit.Admission.TooMany;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A token bucket for each of those who ask. A bucket that is full again says nothing and is forgotten, and only then: nobody
 * gets a second one early. Where there is no room for another bucket, newcomers share some that are always there.
 */
public final class Limiter<K> {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int SHARED_BITS = 10;
    private static final Duration REFILL = Duration.ofMinutes(1);

    private final int perMinute;
    private final int burst;
    private final int tracked;
    private final Runnable whenShared;
    private final TimeMeter clock;
    private final Cache<K, Taken> known;
    private final Bucket[] shared;
    private final int seed = ThreadLocalRandom.current().nextInt();

    /** A bucket, and what came of the last request. */
    private record Taken(Bucket bucket, ConsumptionProbe probe) {
        static Taken from(Bucket bucket) {
            return new Taken(bucket, bucket.tryConsumeAndReturnRemaining(1));
        }

        Admission admission(int burst) {
            return probe.isConsumed() ? new Admitted() : new TooMany(burst, seconds(probe.getNanosToWaitForRefill()));
        }

        /** Rounded up, so that it is not too early and never 0. */
        private static int seconds(long nanos) {
            return Math.toIntExact(Math.max(1, (nanos + SECOND - 1) / SECOND));
        }
    }

    /**
     * Nobody has asked yet.
     *
     * @param perMinute how many requests each may send in the long run; 0 is any number
     * @param burst how many at once, positive
     * @param tracked how many have a bucket of their own at most
     * @param whenShared is run for each request that counts in a shared bucket
     */
    public Limiter(int perMinute, int burst, int tracked, Runnable whenShared, Ticker ticker, Scheduler scheduler) {
        this.perMinute = perMinute;
        this.burst = burst;
        this.tracked = tracked;
        this.whenShared = whenShared;
        this.clock = clock(ticker);
        this.known = Caffeine.newBuilder()
                .expireAfter(Expiry.<K, Taken>writing(
                        (key, taken) -> Duration.ofNanos(taken.probe().getNanosToWaitForReset())))
                .ticker(ticker)
                // nothing else makes room while all who come are turned to the shared ones
                .scheduler(scheduler)
                .executor(Runnable::run)
                .build();
        this.shared = perMinute == 0
                ? new Bucket[0]
                : IntStream.range(0, 1 << SHARED_BITS).mapToObj(i -> full()).toArray(Bucket[]::new);
    }

    private static TimeMeter clock(Ticker ticker) {
        return new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return ticker.read();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
    }

    public Admission admit(K key) {
        if (perMinute == 0) {
            return new Admitted();
        }
        Taken own = known.asMap()
                .compute(
                        key,
                        (asking, last) ->
                                last != null ? Taken.from(last.bucket()) : hasRoom() ? Taken.from(full()) : null);
        if (own != null) {
            return own.admission(burst);
        }
        whenShared.run();
        return Taken.from(shared[spread(key)]).admission(burst);
    }

    /** The last request of that one is not to count. */
    public void giveBack(K key) {
        Taken own = known.getIfPresent(key);
        if (own != null) {
            own.bucket().addTokens(1);
        } else if (shared.length > 0) {
            shared[spread(key)].addTokens(1);
        }
    }

    /** How many have a bucket of their own; some of them may be full again. */
    long size() {
        return known.estimatedSize();
    }

    /** By the golden ratio (Knuth 6.4), and not foreseeable. */
    private int spread(K key) {
        return ((key.hashCode() ^ seed) * 0x9E3779B9) >>> (Integer.SIZE - SHARED_BITS);
    }

    private boolean hasRoom() {
        return known.estimatedSize() < tracked;
    }

    private Bucket full() {
        return Bucket.builder()
                .addLimit(Bandwidth.builder()
                        .capacity(burst)
                        .refillGreedy(perMinute, REFILL)
                        .build())
                .withCustomTimePrecision(clock)
                .build();
    }
}
