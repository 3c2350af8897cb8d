package io.portcullis.redis;

import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The sessions that this replica saw revoked in the last minutes. A server that takes over may not have heard of the last
 * ones, whatever the one before it had answered: so each is asked after several times, and revoked again where Redis has lost
 * it. What Redis does not answer is asked again. Bounded: where there are more, those give way that were asked after most
 * often.
 */
public final class KeptRevocations {
    private static final List<Duration> ASKED_AFTER = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5));
    private static final int ASKED_AT_ONCE = 500;
    private static final int CONCURRENTLY = 8;

    /**
     * A session that was revoked.
     *
     * @param asked how often Redis has said since that it knows
     */
    record Kept(SessionId session, RevocationReason reason, Instant since, int asked) {
        Kept askedAgain() {
            return new Kept(session, reason, since, asked + 1);
        }

        boolean isDue(Instant now) {
            return !now.isBefore(since.plus(ASKED_AFTER.get(asked)));
        }
    }

    private final int bound;
    private final InstantSource clock;
    /** By how often they were asked after, each in the order of their times. */
    private final List<Deque<Kept>> kept = Stream.generate(() -> (Deque<Kept>) new ArrayDeque<Kept>())
            .limit(ASKED_AFTER.size())
            .toList();

    /**
     * None yet.
     *
     * @param bound how many are kept at most, positive
     */
    public KeptRevocations(int bound, InstantSource clock) {
        this.bound = bound;
        this.clock = clock;
    }

    synchronized void add(SessionId session, RevocationReason reason) {
        if (size() >= bound) {
            giveWay();
        }
        kept.get(0).addLast(new Kept(session, reason, clock.instant(), 0));
    }

    private int size() {
        return kept.stream().mapToInt(Deque::size).sum();
    }

    private void giveWay() {
        for (int asked = kept.size() - 1; asked >= 0; asked--) {
            if (kept.get(asked).pollFirst() != null) {
                return;
            }
        }
    }

    /**
     * Asks after those whose time has come; completes when Redis has answered, or has not.
     *
     * @param answersWithin how long one question may take
     */
    public Mono<Void> askAfter(RedisSessionStore store, Duration answersWithin) {
        return Flux.defer(() -> Flux.fromIterable(due()))
                .flatMap(one -> askAfter(one, store, answersWithin), CONCURRENTLY)
                .then();
    }

    private Mono<Void> askAfter(Kept one, RedisSessionStore store, Duration answersWithin) {
        return store.revokeIfLost(one.session(), one.reason())
                .timeout(answersWithin)
                .then()
                // it is not revoked by asking again
                .onErrorResume(UnreadableRecordException.class, e -> Mono.empty())
                .doOnSuccess(nothing -> answered(one))
                .onErrorComplete(e -> e instanceof StoreUnavailableException || e instanceof TimeoutException);
    }

    private synchronized List<Kept> due() {
        Instant now = clock.instant();
        List<Kept> due = new ArrayList<>();
        for (Deque<Kept> queue : kept) {
            for (Kept one : queue) {
                if (due.size() == ASKED_AT_ONCE || !one.isDue(now)) {
                    break;
                }
                due.add(one);
            }
        }
        return due;
    }

    private synchronized void answered(Kept one) {
        boolean wasKept = kept.get(one.asked()).remove(one);
        if (wasKept && one.asked() + 1 < kept.size()) {
            kept.get(one.asked() + 1).addLast(one.askedAgain());
        }
    }
}
