package io.portcullis.redis;

import io.portcullis.session.AttemptId;
import io.portcullis.session.History;
import io.portcullis.session.History.Ended;
import io.portcullis.session.History.Marked;
import io.portcullis.session.History.Operation;
import io.portcullis.session.History.Presented;
import io.portcullis.session.Opening;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.ReuseAction;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A few clients that share one session and its tokens: all begin with the first token, then each does a few things one
 * after the other. A client may send an attempt twice at once, over two connections, as a retry does.
 */
final class ConcurrentRound {
    /** Kinds of answer that a run of many rounds must have seen, else it has not tried the races it is for. */
    static final Set<String> EXPECTED_KINDS = Set.of(
            "FIRST_USE",
            "REPEATED_ATTEMPT",
            "UNDELIVERED",
            "HEALED",
            "Replayed",
            "Reported",
            "Reused",
            "Revoked",
            "Marked true",
            "Marked false",
            "REVOKED",
            "ALREADY_REVOKED");

    private static final Duration ENDS_WITHIN = Duration.ofSeconds(20);
    private static final int STEPS_A_CLIENT = 5;

    private record Answered(long generation, AttemptId attempt) {}

    private final History history = new History();
    private final List<SessionStore> stores;
    private final Random random;
    private final SessionRef session = new SessionRef("app", "ada", SessionId.random("app", "ada"));
    private final RealmPolicy policy;
    private final AtomicLong newest = new AtomicLong();
    private final AtomicReference<Answered> lastAnswered = new AtomicReference<>(new Answered(0, AttemptId.random()));

    ConcurrentRound(List<SessionStore> stores, Random random) {
        this.stores = stores.stream().map(history::recording).toList();
        this.random = random;
        this.policy = Policies.of(
                random.nextBoolean() ? Duration.ZERO : Duration.ofHours(1),
                random.nextInt(3) == 0 ? ReuseAction.REPORT : ReuseAction.REVOKE);
    }

    List<Operation> run() {
        stores.get(0).open(new Opening(session, policy, null)).block(ENDS_WITHIN);
        List<Flux<?>> clients = new ArrayList<>();
        for (int client = 0; client < 3 + random.nextInt(4); client++) {
            clients.add(client(client, new Random(random.nextLong())));
        }
        Flux.merge(clients).blockLast(ENDS_WITHIN);
        return history.operations();
    }

    private Flux<?> client(int client, Random choices) {
        SessionStore store = stores.get(client % stores.size());
        SessionStore another = stores.get((client + 1) % stores.size());
        return Flux.range(0, STEPS_A_CLIENT)
                .concatMap(step -> step == 0 ? present(store, 0, AttemptId.random()) : step(store, another, choices));
    }

    private Flux<?> step(SessionStore store, SessionStore another, Random choices) {
        return switch (choices.nextInt(24)) {
            case 0 ->
                store.revoke(session, RevocationReason.LOGOUT, AttemptId.random())
                        .flux();
            case 1, 2, 3, 4 -> {
                Answered answered = lastAnswered.get();
                yield store.markUndelivered(session, answered.generation(), answered.attempt())
                        .flux();
            }
            case 5, 6, 7, 8 -> {
                Answered answered = lastAnswered.get();
                yield present(store, Math.max(0, answered.generation() - 1), answered.attempt());
            }
            case 9, 10, 11, 12 -> {
                long presented = newest.get();
                AttemptId attempt = AttemptId.random();
                yield Flux.merge(present(store, presented, attempt), present(another, presented, attempt));
            }
            case 13 -> present(store, newest.get() + 1, AttemptId.random());
            case 14, 15, 16 -> present(store, Math.max(0, newest.get() - 1), AttemptId.random());
            default -> present(store, newest.get(), AttemptId.random());
        };
    }

    private Flux<?> present(SessionStore store, long generation, AttemptId attempt) {
        Mono<RotationOutcome> outcome = store.rotate(new Rotation(session, generation, attempt, policy, null));
        return outcome.doOnNext(answer -> {
                    if (answer instanceof Granted granted) {
                        long next = granted.successor().generation();
                        newest.accumulateAndGet(next, Math::max);
                        lastAnswered.set(new Answered(next, attempt));
                    }
                })
                .flux();
    }

    static String kind(Operation operation) {
        if (operation.event() instanceof Presented presented) {
            return presented.answer() instanceof Rotated rotated
                    ? rotated.cause().name()
                    : presented.answer().getClass().getSimpleName();
        }
        if (operation.event() instanceof Marked marked) {
            return "Marked " + marked.answer();
        }
        return operation.event() instanceof Ended ended ? ended.answer().name() : "Opened";
    }
}
