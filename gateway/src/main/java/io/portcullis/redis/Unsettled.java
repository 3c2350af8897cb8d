package io.portcullis.redis;

import io.portcullis.session.AttemptId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * The rotations of this replica whose clients may have no answer without Redis knowing: from when one was sent until its answer
 * was handed to the connection, or it is noted that it was not, or it is known that nothing came of it. By
 * {@link System#nanoTime()}. Bounded in number and in time: where there are more, this replica has settled nothing since.
 */
public final class Unsettled {
    private static final int KEPT_MAX = 20_000;
    /** As Redis remembers a replica, and a mark is repeated. */
    private static final long KEPT = Duration.ofMinutes(10).toNanos();

    private record Crowd(long since, long last) {}

    private final Map<AttemptId, Long> since = new ConcurrentHashMap<>();
    private volatile Crowd crowd = new Crowd(System.nanoTime() - KEPT, System.nanoTime() - KEPT);

    /** A call about an attempt, which is sent any number of times. */
    final class Call {
        private final AttemptId attempt;
        /** Another request of that attempt was not answered, or not yet. */
        private final boolean wasOpen;

        private final AtomicInteger unanswered = new AtomicInteger();

        Call(AttemptId attempt) {
            this.attempt = attempt;
            this.wasOpen = since.containsKey(attempt);
        }

        /** One sending; nothing is open where it is known of all that nothing came of them. */
        <T> Mono<T> sending(Mono<T> sending) {
            return Mono.defer(() -> {
                if (unanswered.getAndIncrement() == 0) {
                    begin(attempt);
                }
                return sending.doOnError(NotDoneException.class, e -> {
                    if (unanswered.decrementAndGet() == 0) {
                        endUnlessOpen();
                    }
                });
            });
        }

        void endUnlessOpen() {
            if (!wasOpen) {
                end(attempt);
            }
        }
    }

    /** It counts from the first time. */
    void begin(AttemptId attempt) {
        long now = System.nanoTime();
        if (since.size() < KEPT_MAX) {
            since.putIfAbsent(attempt, now);
        } else if (!since.containsKey(attempt)) {
            Crowd before = crowd;
            crowd = new Crowd(now - before.last < KEPT ? before.since : now, now);
        }
    }

    void end(AttemptId attempt) {
        since.remove(attempt);
    }

    boolean isEmpty() {
        return since.isEmpty() && System.nanoTime() - crowd.last >= KEPT;
    }

    /** What was sent before is settled. */
    long settledUntil() {
        long now = System.nanoTime();
        since.values().removeIf(began -> now - began >= KEPT);
        Crowd last = crowd;
        long eldest = now - last.last < KEPT ? last.since : now;
        for (long began : since.values()) {
            eldest = began - eldest < 0 ? began : eldest;
        }
        return eldest;
    }
}
