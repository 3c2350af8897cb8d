package io.portcullis.operations;

import io.portcullis.session.EndedSessions;
import io.portcullis.session.Reuse;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Recognised;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import io.portcullis.session.Successor;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The one place where the operator is told what happens to sessions: each outcome is counted and is one event in the log,
 * and a reuse or a revocation goes to the {@link Outbox}es too. Nothing here makes a client wait. Of an event that nobody
 * listens to, no more is made than its count.
 */
public final class SessionEvents {
    /** Of the sessions that end together: a consumer's queue has room for more than one subject's. */
    private static final int TOLD_AT_ONCE_MAX = 1_000;

    private final SessionMetrics metrics;
    private final EventTeller teller;

    public SessionEvents(SessionMetrics metrics, Outboxes outboxes, InstantSource clock) {
        this.metrics = metrics;
        this.teller = new EventTeller(outboxes, clock);
    }

    /**
     * The store decided about a refresh token.
     *
     * @param presented the token's generation
     * @param elapsed from the complete request to the decision
     * @param client asked only if the event is printed or sent
     */
    public void decided(
            SessionRef session,
            long presented,
            RotationOutcome outcome,
            Duration elapsed,
            Supplier<@Nullable InetAddress> client) {
        RefreshResult result = RefreshResult.of(outcome);
        metrics.refreshed(session.realm(), result, elapsed);
        if (outcome instanceof Recognised recognised) {
            metrics.reused(session.realm(), recognised.reuse().kind(), outcome instanceof Granted);
        }
        if (result == RefreshResult.ADOPTED || result == RefreshResult.REPEATED) {
            madeRoom(session, ((Granted) outcome).successor(), client);
        }
        tell(
                result,
                outcome instanceof Recognised,
                () -> ofSession("refresh." + result.word(), session, details(presented, outcome), client));
    }

    /** The store could not decide about a refresh token. */
    public void undecided(
            SessionRef session, long presented, Duration elapsed, Supplier<@Nullable InetAddress> client) {
        RefreshResult result = RefreshResult.UNAVAILABLE;
        metrics.refreshed(session.realm(), result, elapsed);
        tell(
                result,
                false,
                () -> ofSession("refresh." + result.word(), session, Map.of("presented", presented), client));
    }

    /** A refresh token was refused without a question to the store. */
    public void rejected(RefreshResult result, Duration elapsed, Supplier<@Nullable InetAddress> client) {
        metrics.rejected(result, elapsed);
        tell(
                result,
                false,
                () -> teller.event("refresh." + result.word(), SessionMetrics.NO_REALM, null, null, Map.of(), client));
    }

    /** A successor did not reach its client. */
    public void undelivered(SessionRef session) {
        metrics.undelivered(session.realm());
    }

    /** An access token is minted without changed claims that no key of its realm opens. */
    public void claimsUnopened(SessionRef session, int claims, Supplier<@Nullable InetAddress> client) {
        metrics.claimsUnopened(session.realm(), claims);
        teller.tell(
                Level.WARN,
                "Changed claims cannot be opened, the token lacks them",
                false,
                () -> ofSession("claims.unopened", session, Map.of("unopened", claims), client));
    }

    /**
     * A login answer left with our tokens in it.
     *
     * @param first what its refresh token says
     */
    public void opened(SessionRef session, Successor first, Supplier<@Nullable InetAddress> client) {
        metrics.opened(session.realm());
        madeRoom(session, first, client);
        teller.tell(
                Level.INFO,
                "Session opened",
                false,
                () -> ofSession("session.opened", session, Map.of("current", 0L), client));
    }

    /**
     * An answer of a route that opens sessions passed as it was.
     *
     * @param cause a word more on the reason; null if there is none
     */
    public void untouched(
            String realm, Untouched reason, @Nullable String cause, Supplier<@Nullable InetAddress> client) {
        metrics.untouched(realm, reason);
        teller.tell(reason.level(), "Login answer passed as it was", false, () -> {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("reason", EventTeller.word(reason));
            if (cause != null) {
                details.put("cause", cause);
            }
            return teller.event("answer.untouched", realm, null, null, details, client);
        });
    }

    /** The oldest sessions of a subject ended so that there was room for another. */
    private void madeRoom(SessionRef opened, Successor first, Supplier<@Nullable InetAddress> client) {
        EndingCause limit = EndingCause.of(RevocationReason.LIMIT, client);
        first.ended().forEach(id -> told(opened.realm(), opened.subjectHash(), id, Revocation.REVOKED, limit));
    }

    /** A session was to be ended. */
    public void ended(
            SessionRef session,
            Revocation revocation,
            RevocationReason reason,
            Supplier<@Nullable InetAddress> client) {
        ended(session.realm(), session.subjectHash(), session.id(), revocation, EndingCause.of(reason, client));
    }

    void ended(String realm, SubjectHash subject, SessionId session, Revocation revocation, EndingCause cause) {
        metrics.ended(realm, EventTeller.word(revocation));
        told(realm, subject, session, revocation, cause);
    }

    private void told(String realm, SubjectHash subject, SessionId session, Revocation revocation, EndingCause cause) {
        if (revocation == Revocation.REVOKED) {
            metrics.revoked(realm, EventTeller.word(cause.reason()), 1);
        }
        tell(realm, subject, session, revocation, cause);
    }

    private void tell(String realm, SubjectHash subject, SessionId session, Revocation revocation, EndingCause cause) {
        boolean isNews = revocation == Revocation.REVOKED;
        teller.tell(
                isNews ? Level.INFO : Level.DEBUG,
                isNews ? "Session ended" : "Session not ended, there is none that lives",
                isNews,
                () -> {
                    Map<String, Object> details = cause.details();
                    details.put("outcome", EventTeller.word(revocation));
                    return teller.event("session.ended", realm, subject, session, details, cause.client());
                });
    }

    /** All sessions of a subject were ended: an event each, and one for all of them, which has their number. */
    public void allEnded(
            SubjectRef subject, EndedSessions ended, RevocationReason reason, Supplier<@Nullable InetAddress> client) {
        allEnded(subject, ended, EndingCause.of(reason, client));
    }

    void allEnded(SubjectRef subject, EndedSessions ended, EndingCause cause) {
        int sessions = ended.now().size();
        metrics.ended(subject.realm(), SessionMetrics.ALL_REVOKED);
        metrics.revoked(subject.realm(), EventTeller.word(cause.reason()), sessions);
        ended.now().stream()
                .limit(TOLD_AT_ONCE_MAX)
                .forEach(id -> tell(subject.realm(), subject.subjectHash(), id, Revocation.REVOKED, cause));
        teller.tell(Level.INFO, "All sessions of a subject ended", true, () -> {
            Map<String, Object> details = cause.details();
            details.put("sessions", sessions);
            return teller.event("subject.ended", subject.realm(), subject.subjectHash(), null, details, cause.client());
        });
    }

    /** A backend ended sessions that the store could not revoke: their tokens go on to be worth something. */
    public void notEnded(String realm, Supplier<@Nullable InetAddress> client) {
        metrics.ended(realm, SessionMetrics.UNAVAILABLE);
        Map<String, Object> details = Map.of("reason", SessionMetrics.UNAVAILABLE);
        teller.tell(
                Level.ERROR,
                "A backend ended sessions that could not be revoked",
                false,
                () -> teller.event("session.not_ended", realm, null, null, details, client));
    }

    /**
     * Sessions are ended on a condition that could not be read from the request.
     *
     * @param condition as the route has it
     */
    public void endedUnread(String realm, String condition, Supplier<@Nullable InetAddress> client) {
        metrics.endedUnread(realm);
        teller.tell(
                Level.WARN,
                "Sessions are ended without knowing whether they should be, the request cannot be read",
                false,
                () -> teller.event("ending.unread", realm, null, null, Map.of("condition", condition), client));
    }

    private static Map<String, Object> details(long presented, RotationOutcome outcome) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("presented", presented);
        if (outcome instanceof Recognised recognised) {
            Reuse reuse = recognised.reuse();
            details.put("current", reuse.current());
            details.put("kind", EventTeller.word(reuse.kind()));
            details.put("behind", reuse.generationsBehind());
            details.put("age_ms", reuse.age().toMillis());
        } else if (outcome instanceof Granted granted) {
            details.put("current", granted.successor().generation());
        }
        return details;
    }

    private SessionEvent ofSession(
            String type, SessionRef session, Map<String, Object> details, Supplier<@Nullable InetAddress> client) {
        return teller.event(type, session.realm(), session.subjectHash(), session.id(), details, client);
    }

    private void tell(RefreshResult result, boolean isSent, Supplier<SessionEvent> made) {
        teller.tell(result.level(), result.sentence(), isSent, made);
    }
}
