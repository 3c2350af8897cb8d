package io.portcullis.edge;

import io.portcullis.operations.SessionEvents;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.UnreadableRecordException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Ends sessions that a backend has ended, and tells the operator. What the store does not answer is ended when it answers
 * again, as the same attempt; the request's answer does not wait for that, since the backend's part is done.
 */
public final class SessionEnder {
    private final SessionStore store;
    private final SessionEvents events;
    private final KeptCalls unanswered;
    private final InstantSource clock;

    /** @param unanswered where endings are kept that the store did not answer */
    public SessionEnder(SessionStore store, SessionEvents events, KeptCalls unanswered, InstantSource clock) {
        this.store = store;
        this.events = events;
        this.unanswered = unanswered;
        this.clock = clock;
    }

    /**
     * What is to be ended.
     *
     * @param whose a session or a subject: of the endings that are kept for it the last stands for all
     * @param by ends it, and tells who asked for it; may be done again, so long after that was asked for
     */
    record Ending(Object whose, BiFunction<Supplier<@Nullable InetAddress>, Duration, Mono<Void>> by) {}

    /** Ends one session. */
    Ending of(SessionRef session) {
        AttemptId attempt = AttemptId.random();
        return new Ending(
                session,
                (client, ago) -> store.revoke(session, RevocationReason.LOGOUT, attempt)
                        .doOnNext(revocation -> events.ended(session, revocation, RevocationReason.LOGOUT, client))
                        .then());
    }

    /** Ends all sessions that the subject has when that is asked for. */
    Ending ofAll(Realm realm, String name) {
        SubjectRef subject = new SubjectRef(realm.name(), name);
        AttemptId attempt = AttemptId.random();
        return new Ending(
                subject,
                (client, ago) -> store.revokeAll(subject, RevocationReason.SUBJECT, realm.policy(), attempt, ago)
                        .doOnNext(ended -> events.allEnded(subject, ended, RevocationReason.SUBJECT, client))
                        .then());
    }

    /** Asks for it when it is subscribed to; completes when it is done, or kept to be done later. */
    Mono<Void> end(Realm realm, Ending ending, Supplier<@Nullable InetAddress> client) {
        return Mono.defer(() -> {
            long asked = System.nanoTime();
            return ending.by().apply(client, Duration.ZERO).onErrorResume(StoreUnavailableException.class, e -> {
                events.notEnded(realm.name(), client);
                if (!(e instanceof UnreadableRecordException)) {
                    keep(ending, client.get(), asked);
                }
                return Mono.empty();
            });
        });
    }

    /** Of the request no more is kept than this. */
    private void keep(Ending ending, @Nullable InetAddress client, long asked) {
        unanswered.keep(
                ending.whose(),
                Mono.defer(() -> ending.by().apply(() -> client, Duration.ofNanos(System.nanoTime() - asked))),
                clock.instant());
    }
}
