package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** What concurrent clients asked about one session and what they were answered, in the order of asking and answering. */
public final class History {

    /** A call and its answer. */
    public sealed interface Event permits Opened, Presented, Marked, Ended, Unanswered {}

    /** A call without an answer: it was carried out or not, once or more than once, at any time since it was asked. */
    public sealed interface Unanswered extends Event permits PresentedInVain, MarkedInVain {}

    public record Opened(Opening opening, Successor answer) implements Event {}

    public record Presented(Rotation rotation, RotationOutcome answer) implements Event {}

    public record Marked(long generation, AttemptId attempt, boolean answer) implements Event {}

    public record Ended(SessionRef session, RevocationReason reason, AttemptId attempt, Revocation answer)
            implements Event {}

    public record PresentedInVain(Rotation rotation) implements Unanswered {}

    public record MarkedInVain(long generation, AttemptId attempt) implements Unanswered {}

    /**
     * An event and when it was: if it was answered before another was asked, it happened before the other. If neither
     * was, they may have happened in any order.
     *
     * @param asked position among all askings and answers of the history
     * @param answered position among all askings and answers of the history
     */
    public record Operation(Event event, long asked, long answered) {
        static final long NEVER = Long.MAX_VALUE;
    }

    private final AtomicLong moment = new AtomicLong();
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    /** Calls that nothing is known of yet: what is, is in the other. */
    private final Map<Object, Operation> underWay = new ConcurrentHashMap<>();

    /** The same store, whose calls are recorded here once they are answered. */
    public SessionStore recording(SessionStore store) {
        return new RecordingStore(store);
    }

    /** What was recorded, by the time of asking; what is not answered yet may have been carried out all the same. */
    public List<Operation> operations() {
        List<Operation> unanswered = List.copyOf(underWay.values());
        return Stream.concat(operations.stream(), unanswered.stream())
                .sorted(Comparator.comparingLong(Operation::asked))
                .toList();
    }

    private <T> Mono<T> recorded(Mono<T> call, Function<T, Event> event) {
        return Mono.defer(() -> {
            long asked = moment.getAndIncrement();
            return call.doOnNext(
                    answer -> operations.add(new Operation(event.apply(answer), asked, moment.getAndIncrement())));
        });
    }

    private <T> Mono<T> recorded(Mono<T> call, Function<T, Event> event, Unanswered unanswered) {
        return Mono.defer(() -> {
            Operation inVain = new Operation(unanswered, moment.get(), Operation.NEVER);
            Object key = new Object();
            underWay.put(key, inVain);
            return recorded(call, event)
                    .doOnError(StoreUnavailableException.class, e -> operations.add(inVain))
                    .doOnCancel(() -> operations.add(inVain))
                    .doFinally(end -> underWay.remove(key));
        });
    }

    private final class RecordingStore implements SessionStore {
        private final SessionStore store;

        private RecordingStore(SessionStore store) {
            this.store = store;
        }

        @Override
        public Mono<Successor> open(Opening opening) {
            return recorded(store.open(opening), answer -> new Opened(opening, answer));
        }

        @Override
        public Mono<RotationOutcome> rotate(Rotation rotation) {
            return recorded(
                    store.rotate(rotation), answer -> new Presented(rotation, answer), new PresentedInVain(rotation));
        }

        @Override
        public Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt) {
            return recorded(
                    store.markUndelivered(session, generation, attempt),
                    answer -> new Marked(generation, attempt, answer),
                    new MarkedInVain(generation, attempt));
        }

        @Override
        public Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt) {
            return recorded(
                    store.revoke(session, reason, attempt), answer -> new Ended(session, reason, attempt, answer));
        }

        @Override
        public Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<EndedSessions> revokeAll(
                SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<SessionLookup> find(SessionId session) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<List<SessionState>> list(SubjectRef subject) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }

        @Override
        public Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant) {
            return Mono.error(new UnsupportedOperationException("a history is that of one session"));
        }
    }
}
