package io.portcullis.redis;

import io.portcullis.session.AttemptId;
import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionLookup.Missing;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.SubjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/** A subject's sessions in Redis, which only the index names, and what an operator asks of them. */
final class RedisSubjects {
    private static final Script REVOKE_SUBJECT = Script.load(ReturnType.MULTI, "revoke_subject");
    private static final Script CHANGE = Script.load(ReturnType.MULTI, "change_claims");
    private static final Script SHOW = Script.load(ReturnType.MULTI, "show_session");
    private static final Script LIST = Script.load(ReturnType.MULTI, "list_sessions");
    /** How often a script is asked again whose answer names keys that must be declared first. */
    private static final int LOOKS_MAX = 10;

    private final ScriptRunner scripts;
    private final RedisKeys keys;
    private final Announcements announcements;
    private final ServerTime time;

    RedisSubjects(ScriptRunner scripts, RedisKeys keys, Announcements announcements, ServerTime time) {
        this.scripts = scripts;
        this.keys = keys;
        this.announcements = announcements;
        this.time = time;
    }

    Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago) {
        return Mono.deferContextual(call -> runLooking(
                        REVOKE_SUBJECT,
                        keysOf(subject),
                        List.of(
                                ScriptArguments.millis(policy.absoluteLifetime()),
                                ScriptArguments.word(reason),
                                attempt.value(),
                                ScriptArguments.millis(ago),
                                Long.toString(Deadline.millis(call, time)))))
                .flatMap(answer -> time.inTime(new ScriptAnswer(answer)))
                .map(answer -> ended(answer.values()))
                .delayUntil(ended -> announcements.ofEnded(subject.realm(), reason, ended));
    }

    private static EndedSessions ended(List<?> answer) {
        return new EndedSessions(ids((List<?>) answer.get(1)), ids((List<?>) answer.get(2)));
    }

    private static List<SessionId> ids(List<?> words) {
        return words.stream().map(id -> new SessionId((String) id)).toList();
    }

    Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        List<String> arguments = new ArrayList<>();
        arguments.add(ScriptArguments.millis(policy.absoluteLifetime()));
        arguments.add(Integer.toString(SessionStore.CHANGED_CLAIMS_MAX));
        arguments.add(Integer.toString(SessionStore.CHANGED_CLAIMS_BYTES_MAX));
        claims.forEach((name, value) -> Collections.addAll(arguments, name, value));
        return run(CHANGE, List.of(keys.claims(subject.realm(), subject.subjectHash())), arguments)
                .map(answer -> new ScriptAnswer((List<?>) answer).change());
    }

    Mono<SessionLookup> find(SessionId session) {
        List<String> record = List.of(keys.session(session));
        return run(SHOW, record, List.of()).map(answer -> (List<?>) answer).flatMap(first -> {
            if (first.isEmpty()) {
                return Mono.just(new Missing());
            }
            SessionState state = StoredSession.shown(session, first);
            List<String> both = List.of(record.get(0), keys.ended(state.realm(), state.subject()));
            return run(SHOW, both, List.of()).map(answer -> lookup(session, (List<?>) answer));
        });
    }

    private static SessionLookup lookup(SessionId session, List<?> answer) {
        return answer.isEmpty() ? new Missing() : new Found(StoredSession.shown(session, answer));
    }

    Mono<List<SessionState>> list(SubjectRef subject) {
        return runLooking(LIST, keysOf(subject), List.of(Integer.toString(SessionStore.LISTED_MAX)))
                .map(StoredSession::listed);
    }

    private List<String> keysOf(SubjectRef subject) {
        return List.of(
                keys.sessions(subject.realm(), subject.subjectHash()),
                keys.ended(subject.realm(), subject.subjectHash()));
    }

    /** Runs a script that may have to look at the records of a subject's sessions, which only the index names. */
    Mono<List<?>> runLooking(Script script, List<String> keys, List<String> arguments) {
        return look(script, keys, arguments, List.of(), LOOKS_MAX);
    }

    private Mono<List<?>> look(
            Script script, List<String> firstKeys, List<String> arguments, List<String> sessions, int looks) {
        List<String> records =
                sessions.stream().map(id -> keys.session(new SessionId(id))).toList();
        return run(script, joined(firstKeys, records), joined(arguments, sessions))
                .flatMap(answer -> {
                    List<?> words = (List<?>) answer;
                    if (!"look".equals(words.get(0))) {
                        return Mono.<List<?>>just(words);
                    }
                    if (looks == 0) {
                        return Mono.error(new StoreUnavailableException(
                                "no answer",
                                new IllegalStateException(
                                        "a subject's sessions changed whenever they were looked at")));
                    }
                    List<String> others =
                            words.stream().skip(1).map(String.class::cast).toList();
                    return look(script, firstKeys, arguments, others, looks - 1);
                });
    }

    static List<String> joined(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private Mono<Object> run(Script script, List<String> keys, List<String> arguments) {
        return scripts.run(script, keys, arguments).onErrorMap(DataAccessException.class, ScriptFailures::forTheStore);
    }
}
