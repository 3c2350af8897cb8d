package io.portcullis.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Scheduler;
import io.portcullis.SecurityLine;
import io.portcullis.limit.Admission.Admitted;
import io.portcullis.limit.Admission.TooMany;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LimiterTest {
    private static final Admission ADMITTED = new Admitted();

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger shared = new AtomicInteger();
    private final Deque<Runnable> scheduled = new ArrayDeque<>();

    private Limiter<String> limiter(int perMinute, int burst, int tracked) {
        Scheduler scheduler = (executor, command, delay, unit) -> {
            scheduled.add(command);
            return new CompletableFuture<>();
        };
        return new Limiter<>(perMinute, burst, tracked, shared::incrementAndGet, nanos::get, scheduler);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static long admitted(Limiter<String> limiter, String key, int requests) {
        return IntStream.range(0, requests)
                .filter(i -> limiter.admit(key).equals(ADMITTED))
                .count();
    }

    @Test
    void aBurstPassesAndOneMoreIsTooMany() {
        Limiter<String> limiter = limiter(30, 60, 10);

        assertThat(admitted(limiter, "a", 60)).isEqualTo(60);
        assertThat(limiter.admit("a")).isEqualTo(new TooMany(60, 2));
    }

    @Test
    void itPassesAgainWhenItWasToldTo() {
        Limiter<String> limiter = limiter(30, 60, 10);
        admitted(limiter, "a", 100);

        pass(Duration.ofMillis(1999));
        assertThat(limiter.admit("a")).isEqualTo(new TooMany(60, 1));
        pass(Duration.ofMillis(1));

        assertThat(admitted(limiter, "a", 100)).isEqualTo(1);
    }

    @Test
    void nobodyIsToldToComeBackAtOnce() {
        Limiter<String> limiter = limiter(1_000_000, 1, 10);

        assertThat(limiter.admit("a")).isEqualTo(ADMITTED);
        assertThat(limiter.admit("a")).isEqualTo(new TooMany(1, 1));
    }

    @Test
    void whoLoopsHasNoMoreThanTheRateInTheLongRun() {
        Limiter<String> limiter = limiter(60, 10, 10);
        long admitted = 0;

        for (int second = 0; second < 600; second++) {
            admitted += admitted(limiter, "a", 20);
            pass(Duration.ofSeconds(1));
        }

        assertThat(admitted).isEqualTo(10 + 599);
    }

    @Test
    void whoLoopsDoesNotHurtAnother() {
        Limiter<String> limiter = limiter(30, 60, 10);
        admitted(limiter, "a", 10_000);

        assertThat(admitted(limiter, "b", 60)).isEqualTo(60);
    }

    @Test
    void zeroIsNoLimit() {
        Limiter<String> limiter = limiter(0, 1, 10);

        assertThat(admitted(limiter, "a", 10_000)).isEqualTo(10_000);
        assertThat(limiter.size()).isZero();
    }

    @Test
    void memoryIsBounded() {
        Limiter<String> limiter = limiter(30, 60, 100);

        for (int i = 0; i < 10_000; i++) {
            limiter.admit("client " + i);
        }

        assertThat(limiter.size()).isEqualTo(100);
        assertThat(shared).hasValue(9_900);
    }

    @Test
    @SecurityLine(38)
    void crowdDoesNotGiveItsMembersNewBuckets() {
        Limiter<String> limiter = limiter(30, 60, 100);
        admitted(limiter, "a", 60);

        for (int i = 0; i < 10_000; i++) {
            limiter.admit("client " + i);
        }

        assertThat(limiter.admit("a")).isInstanceOf(TooMany.class);
    }

    @Test
    void newcomersToACrowdAreLimitedTogether() {
        Limiter<String> limiter = limiter(30, 60, 1);
        limiter.admit("a");

        long admitted = 0;
        for (int i = 0; i < 100_000; i++) {
            admitted += admitted(limiter, "client " + i, 1);
        }

        assertThat(admitted).isBetween(50_000L, 1024L * 60);
        assertThat(admitted(limiter, "newcomer", 100)).isZero();
    }

    @Test
    void oneWhoLoopsInACrowdLeavesRoomForMostOthers() {
        Limiter<String> limiter = limiter(30, 60, 1);
        limiter.admit("a");
        admitted(limiter, "looping", 10_000);

        long admitted = IntStream.range(0, 1000)
                .filter(i -> limiter.admit("client " + i).equals(ADMITTED))
                .count();

        assertThat(admitted).isGreaterThan(980);
    }

    @Test
    void bucketsThatAreFullAgainMakeRoom() {
        Limiter<String> limiter = limiter(30, 60, 100);
        IntStream.range(0, 100).forEach(i -> limiter.admit("client " + i));
        admitted(limiter, "client 0", 60);

        pass(Duration.ofSeconds(10));
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
        }

        assertThat(limiter.size()).isEqualTo(1);
        assertThat(admitted(limiter, "newcomer", 100)).isEqualTo(60);
        assertThat(shared).hasValue(0);
        assertThat(admitted(limiter, "client 0", 100)).isEqualTo(5);
    }
}
