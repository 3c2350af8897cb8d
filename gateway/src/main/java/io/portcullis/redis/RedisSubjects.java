package io.portcullis.redis;

import io.portcullis.session.ClaimsChange;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/** What is asked of all sessions of a subject in Redis. */
final class RedisSubjects {
    private static final Script REVOKE_SUBJECT = Script.load(ReturnType.MULTI, "sessions", "revoke_subject");
    private static final Script CHANGE = Script.load(ReturnType.MULTI, "sessions", "change_claims");
    private static final Script LIST = Script.load(ReturnType.MULTI, "sessions", "shown", "list_sessions");

    private final StoreScripts scripts;
    private final RedisKeys keys;
    private final Announcements announcements;

    RedisSubjects(StoreScripts scripts, RedisKeys keys, Announcements announcements) {
        this.scripts = scripts;
        this.keys = keys;
        this.announcements = announcements;
    }

    /** @param attempt its id, as Redis has it */
    Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, String attempt, Duration ago) {
        return Mono.deferContextual(call -> scripts.runInTime(
                        REVOKE_SUBJECT,
                        keyOf(subject),
                        List.of(
                                subject.realm(),
                                ScriptArguments.millis(policy.absoluteLifetime()),
                                ScriptArguments.word(reason),
                                attempt,
                                ScriptArguments.millis(ago),
                                scripts.givenUp(call))))
                .flatMap(answer -> {
                    SubjectHash whose = subject.subjectHash();
                    List<EndedSession> now = EndedSession.listed(answer.list(1), whose);
                    List<EndedSession> before = EndedSession.listed(answer.list(2), whose);
                    return announcements
                            .ofEnded(subject.realm(), reason, now, before)
                            .thenReturn(new EndedSessions(EndedSession.ids(now), EndedSession.ids(before)));
                });
    }

    Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy) {
        List<String> arguments = new ArrayList<>();
        arguments.add(subject.realm());
        arguments.add(ScriptArguments.millis(policy.absoluteLifetime()));
        arguments.add(Integer.toString(SessionStore.CHANGED_CLAIMS_MAX));
        arguments.add(Integer.toString(SessionStore.CHANGED_CLAIMS_BYTES_MAX));
        claims.forEach((name, value) -> Collections.addAll(arguments, name, value));
        return scripts.run(CHANGE, keyOf(subject), arguments).map(ScriptAnswer::change);
    }

    Mono<List<SessionState>> list(SubjectRef subject) {
        return scripts.run(LIST, keyOf(subject), List.of(Integer.toString(SessionStore.LISTED_MAX)))
                .map(answer -> StoredSession.listed(answer, subject.subjectHash()));
    }

    private String keyOf(SubjectRef subject) {
        return keys.sessions(subject.subjectHash());
    }
}
