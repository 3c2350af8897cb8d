package io.portcullis.redis;

import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The sessions that this replica saw revoked in the last minutes. A server that takes over may not have heard of the last
 * ones, whatever the one before it had answered: so each is asked after several times, and revoked again where Redis has lost
 * it. What Redis does not answer is asked again. Bounded: where there are more, the
 * one gives way that is to be asked after last.
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
    /** So many questions that are not answered end a round: Redis is away, or one of its nodes that many are for. */
    private static final int NOT_ANSWERED_MAX = 8;

    private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(1);
    private static final Comparator<Kept> NEXT_FIRST =
            Comparator.comparing(Kept::due).thenComparing(kept -> kept.session().value());

    /**
     * A session that was revoked.
     *
     * @param asked how often Redis has said since that it knows
     * @param due when it is asked next
     */
    record Kept(SessionId session, RevocationReason reason, Instant since, int asked, Instant due) {
        Kept(SessionId session, RevocationReason reason, Instant since, int asked) {
            this(session, reason, since, asked, since.plus(ASKED_AFTER.get(asked)));
        }

        Kept notAnswered(Instant now) {
            return new Kept(session, reason, since, asked, now.plus(ASKED_AGAIN_AFTER));
        }
    }

    private final int bound;
    private final InstantSource clock;
    private final Map<SessionId, Kept> kept = new HashMap<>();
    private final NavigableSet<Kept> questions = new TreeSet<>(NEXT_FIRST);

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
        remove(session);
        if (questions.size() >= bound) {
            remove(questions.last().session());
        }
        keep(new Kept(session, reason, clock.instant(), 0));
    }

    private void keep(Kept one) {
        kept.put(one.session(), one);
        questions.add(one);
    }

    private void remove(SessionId session) {
        Kept known = kept.remove(session);
        if (known != null) {
            questions.remove(known);
        }
    }

    /**
     * Asks after those whose time has come; completes when Redis has answered, or has not several times.
     *
     * @param answersWithin how long one question may take
     */
    public Mono<Void> askAfter(RedisSessionStore store, Duration answersWithin) {
        return Mono.defer(() -> {
            AtomicInteger notAnswered = new AtomicInteger();
            return Flux.fromIterable(due())
                    .takeWhile(one -> notAnswered.get() < NOT_ANSWERED_MAX)
                    .flatMap(one -> askAfter(one, store, answersWithin), CONCURRENTLY)
                    .doOnNext(isAnswered -> {
                        if (!isAnswered) {
                            notAnswered.incrementAndGet();
                        }
                    })
                    .then();
        });
    }

    /** Whether Redis has answered. */
    private Mono<Boolean> askAfter(Kept one, RedisSessionStore store, Duration answersWithin) {
        return store.revokeIfLost(one.session(), one.reason())
                .timeout(answersWithin)
                .then()
                // it is not revoked by asking again
                .onErrorComplete(UnreadableRecordException.class)
                .doOnSuccess(nothing -> answered(one))
                .thenReturn(true)
                .onErrorResume(e -> e instanceof StoreUnavailableException || e instanceof TimeoutException, e -> {
                    notAnswered(one);
                    return Mono.just(false);
                });
    }

    private synchronized List<Kept> due() {
        Instant now = clock.instant();
        return questions.stream()
                .takeWhile(one -> !one.due().isAfter(now))
                .limit(ASKED_AT_ONCE)
                .toList();
    }

    private synchronized void answered(Kept one) {
        if (!one.equals(kept.get(one.session()))) {
            return;
        }
        remove(one.session());
        if (one.asked() + 1 < ASKED_AFTER.size()) {
            keep(new Kept(one.session(), one.reason(), one.since(), one.asked() + 1));
        }
    }

    /** Others have their turn first: it may be for a node that is away, which they are not for. */
    private synchronized void notAnswered(Kept one) {
        if (one.equals(kept.get(one.session()))) {
            remove(one.session());
            keep(one.notAnswered(clock.instant()));
        }
    }
}
