package io.portcullis.operations;

import io.portcullis.session.EndedSessions;
import io.portcullis.session.Revocation;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionState;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * What operators do, as events beside the others: every call is one, with who made it, from where, and how it was answered;
 * what it ended is told as if anybody else had ended it.
 */
public final class OperatorEvents {
    private final SessionEvents events;
    private final EventTeller teller;

    /**
     * A call of the endpoint, and about what.
     *
     * @param name the operation's
     * @param realm {@code none} where the call names none
     * @param claims the names of the claims that it is to change
     */
    record Call(
            String name,
            String realm,
            @Nullable SubjectHash subject,
            @Nullable SessionId session,
            Set<String> claims) {
        /** About nothing that can be named. */
        Call(String name) {
            this(name, SessionMetrics.NO_REALM, null, null, Set.of());
        }

        Call about(SessionId id) {
            return new Call(name, realm, subject, id, claims);
        }

        Call about(SessionState found) {
            return new Call(name, found.realm(), found.subject(), found.id(), claims);
        }

        Call about(SubjectRef whose, Set<String> changed) {
            return new Call(name, whose.realm(), whose.subjectHash(), session, changed);
        }
    }

    public OperatorEvents(SessionEvents events, Outboxes outboxes, InstantSource clock) {
        this.events = events;
        this.teller = new EventTeller(outboxes, clock);
    }

    /** What came to the endpoint was none of its calls, and was answered with that status. */
    void turnedAway(Operator operator, int status) {
        called(operator, new Call("none"), status);
    }

    /** A call was answered with that status. */
    void called(Operator operator, Call call, int status) {
        boolean hasChangedClaims = !call.claims().isEmpty() && status == 200;
        told(Level.INFO, "Operator called", hasChangedClaims, operator, call, status);
    }

    /** A call met a bug. */
    void failed(Operator operator, Call call) {
        told(Level.ERROR, "Operator called, and it failed", false, operator, call, 500);
    }

    private void told(Level level, String sentence, boolean isSent, Operator operator, Call call, int status) {
        teller.tell(level, sentence, isSent, () -> {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put(SessionEvent.OPERATOR, operator.name());
            details.put("call", call.name());
            if (!call.claims().isEmpty()) {
                details.put("claims", String.join(",", call.claims()));
            }
            details.put("status", status);
            return teller.event(
                    "operator.called", call.realm(), call.subject(), call.session(), details, operator::address);
        });
    }

    /** Somebody was not let in. The name that they gave is not told: it may be a password. */
    void refused(@Nullable InetAddress client, int status) {
        teller.tell(
                Level.WARN,
                "Operator refused",
                false,
                () -> teller.event(
                        "operator.refused",
                        SessionMetrics.NO_REALM,
                        null,
                        null,
                        Map.of("status", status),
                        () -> client));
    }

    void ended(Operator operator, SessionState session, Revocation revocation) {
        events.ended(session.realm(), session.subject(), session.id(), revocation, operator.cause());
    }

    void allEnded(Operator operator, SubjectRef subject, EndedSessions ended) {
        events.allEnded(subject, ended, operator.cause());
    }
}
