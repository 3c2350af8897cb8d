package io.portcullis.redis;

import io.portcullis.session.AttemptId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Rotations that Redis may have carried out, whose new tokens reached nobody, and of which Redis does not know that yet: it
 * did not answer. Their clients come back with the token before, through any replica, and would be taken for thieves. So
 * Redis is told as soon as it answers. Bounded in number and in time, the eldest give way; what is dropped is counted.
 */
public final class KeptMarks {
    /** For as long as a client that comes back to this replica continues its attempt. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final int SENT_AT_ONCE = 500;
    private static final int CONCURRENTLY = 8;

    /**
     * A token that did not reach its client.
     *
     * @param generation the token's
     * @param attempt that made it or handed it out
     */
    record Mark(SessionRef session, long generation, AttemptId attempt, Instant since) {}

    private final int bound;
    private final InstantSource clock;
    private final Map<AttemptId, Mark> kept = new LinkedHashMap<>();
    private long displaced;
    private long outdated;

    /**
     * None yet.
     *
     * @param bound how many are kept at most, positive
     */
    public KeptMarks(int bound, InstantSource clock) {
        this.bound = bound;
        this.clock = clock;
    }

    synchronized void keep(SessionRef session, long generation, AttemptId attempt) {
        // as the newest
        kept.remove(attempt);
        if (kept.size() >= bound) {
            kept.remove(kept.keySet().iterator().next());
            displaced++;
        }
        kept.put(attempt, new Mark(session, generation, attempt, clock.instant()));
    }

    /**
     * The attempt's client is back, and Redis may be told no more that it has not had its answer: it is about to get it.
     *
     * @return whether it was kept
     */
    synchronized boolean withdraw(AttemptId attempt) {
        return !kept.isEmpty() && kept.remove(attempt) != null;
    }

    /**
     * Tells Redis of all, one first; completes when it has answered, or has not.
     *
     * @param answersWithin how long one answer may take
     */
    Mono<Void> tell(SessionStore store, Duration answersWithin) {
        return Flux.defer(() -> {
                    List<Mark> marks = some();
                    return marks.isEmpty()
                            ? Flux.<Boolean>empty()
                            : tell(marks.get(0), store, answersWithin)
                                    .thenMany(Flux.fromIterable(marks.subList(1, marks.size()))
                                            .flatMap(mark -> tell(mark, store, answersWithin), CONCURRENTLY));
                })
                .onErrorComplete(StoreUnavailableException.class)
                .then();
    }

    private Mono<Boolean> tell(Mark mark, SessionStore store, Duration answersWithin) {
        return tell(mark.session(), mark.generation(), mark.attempt(), store, answersWithin)
                // it does not become readable by asking again
                .onErrorResume(UnreadableRecordException.class, e -> Mono.just(false))
                .doOnNext(noted -> told(mark));
    }

    /** Tells Redis of one, once; errors only with {@link StoreUnavailableException}. */
    static Mono<Boolean> tell(
            SessionRef session, long generation, AttemptId attempt, SessionStore store, Duration answersWithin) {
        return store.markUndelivered(session, generation, attempt)
                .timeout(answersWithin)
                .onErrorMap(
                        TimeoutException.class,
                        e -> new StoreUnavailableException("no answer within " + answersWithin, e))
                // one that comes later may come after the client's return
                .contextWrite(context -> Deadline.in(answersWithin).addedTo(context));
    }

    private synchronized List<Mark> some() {
        Instant eldest = clock.instant().minus(KEPT);
        List<Mark> some = new ArrayList<>();
        Iterator<Mark> marks = kept.values().iterator();
        while (marks.hasNext() && some.size() < SENT_AT_ONCE) {
            Mark mark = marks.next();
            if (mark.since().isBefore(eldest)) {
                marks.remove();
                outdated++;
            } else {
                some.add(mark);
            }
        }
        return some;
    }

    private synchronized void told(Mark mark) {
        kept.remove(mark.attempt(), mark);
    }

    /** How many Redis has not been told of. */
    public synchronized int size() {
        return kept.size();
    }

    /** How many had to give way to others. */
    public synchronized long displaced() {
        return displaced;
    }

    /** How many were not told to Redis in time. */
    public synchronized long outdated() {
        return outdated;
    }
}
