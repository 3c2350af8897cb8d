package io.portcullis.redis;

import io.portcullis.session.KeptCalls;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/**
 * The rotations of this replica of which it does not know what Redis made of them, or could not note yet that nobody had the
 * answer: those under way, and those whose marks are kept.
 */
public final class Unsettled {
    /** One that is under way; not equal to another of the same time. */
    private static final class UnderWay {
        private final long since = System.nanoTime();
    }

    private final Set<UnderWay> underWay = ConcurrentHashMap.newKeySet();
    private final KeptCalls marks;
    private final InstantSource clock;

    /** @param marks those that are to be repeated */
    public Unsettled(KeptCalls marks, InstantSource clock) {
        this.marks = marks;
        this.clock = clock;
    }

    KeptCalls marks() {
        return marks;
    }

    /** The same call, which is under way until it is answered, or its mark is kept. */
    <T> Mono<T> counted(Mono<T> call) {
        return Mono.defer(() -> {
            UnderWay one = new UnderWay();
            underWay.add(one);
            return call.doFinally(signal -> underWay.remove(one));
        });
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
