package io.portcullis.redis;

import io.portcullis.session.KeptCalls;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * The rotations of this replica of which it does not know what Redis made of them, or could not note yet that nobody had the
 * answer: those under way, and those whose marks are kept.
 */
public final class Unsettled {
    private final Set<UnderWay> underWay = ConcurrentHashMap.newKeySet();
    private final KeptCalls marks;
    private final InstantSource clock;

    /** A call that is sent any number of times. */
    final class UnderWay {
        private final AtomicInteger unanswered = new AtomicInteger();
        private volatile long since;

        /** One sending, which is under way until it is known that nothing came of it, or the whole call is over. */
        <T> Mono<T> sending(Mono<T> sending) {
            return Mono.defer(() -> {
                if (unanswered.getAndIncrement() == 0) {
                    since = System.nanoTime();
                    underWay.add(this);
                }
                return sending.doOnError(NotDoneException.class, e -> {
                    if (unanswered.decrementAndGet() == 0) {
                        over();
                    }
                });
            });
        }

        /** It was answered, or its mark is kept. */
        void over() {
            underWay.remove(this);
        }
    }

    /** @param marks those that are to be repeated */
    public Unsettled(KeptCalls marks, InstantSource clock) {
        this.marks = marks;
        this.clock = clock;
    }

    KeptCalls marks() {
        return marks;
    }

    boolean isEmpty() {
        return underWay.isEmpty() && marks.size() == 0;
    }

    /** What was rotated before is settled; as {@link System#nanoTime()} has it. */
    long settledUntil() {
        long now = System.nanoTime();
        long eldest = now - marks.age(clock.instant()).toNanos();
        for (UnderWay one : underWay) {
            eldest = one.since - eldest < 0 ? one.since : eldest;
        }
        return eldest;
    }
}
