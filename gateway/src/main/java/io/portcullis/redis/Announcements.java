package io.portcullis.redis;

import io.portcullis.redis.RevocationStream.Announcement;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import java.util.List;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** What a script's answer says of sessions that have ended is kept, and announced before anybody gets that answer. */
final class Announcements {
    private final RevocationStream stream;
    private final KeptRevocations kept;

    Announcements(RevocationStream stream, KeptRevocations kept) {
        this.stream = stream;
        this.kept = kept;
    }

    /** Whether an answer of {@code rotate_session.lua} or {@code open_session.lua} says of none that it has ended. */
    static boolean isNothingIn(ScriptAnswer answer) {
        return answer.isGrant() && answer.text(6).isEmpty();
    }

    /** For an answer of {@code rotate_session.lua} or {@code open_session.lua}. */
    Mono<Void> ofGrant(SessionRef ref, ScriptAnswer answer) {
        SessionId session = ref.id();
        String realm = ref.realm();
        return switch (answer.word()) {
            case "reused" -> {
                kept.add(session, RevocationReason.REUSE);
                yield stream.announce(List.of(new Announcement(session, realm, answer.number(5))));
            }
            // whoever revoked it may not have come to announcing it
            case "revoked" -> stream.announceIfNews(new Announcement(session, realm, answer.number(5)));
            default ->
                answer.isGrant() ? ofAll(realm, RevocationReason.LIMIT, answer.ended(ref.subjectHash())) : Mono.empty();
        };
    }

    /** For an answer of {@code revoke_session.lua}. */
    Mono<Void> ofRevocation(SessionId session, String realm, RevocationReason reason, ScriptAnswer answer) {
        return switch (answer.word()) {
            case "unknown" -> Mono.empty();
            case "already" -> stream.isNews(session) ? announce(session, realm, answer) : stream.announceWaiting();
            default -> {
                kept.add(session, reason);
                yield announce(session, realm, answer);
            }
        };
    }

    private Mono<Void> announce(SessionId session, String realm, ScriptAnswer answer) {
        return stream.announce(List.of(new Announcement(session, realm, answer.number(1))));
    }

    /**
     * For an answer of {@code revoke_subject.lua}.
     *
     * @param now those that the attempt ended
     * @param before those that had been ended before it
     */
    Mono<Void> ofEnded(String realm, RevocationReason reason, List<EndedSession> now, List<EndedSession> before) {
        // whoever ended the others may not have come to announcing them
        List<EndedSession> news =
                before.stream().filter(session -> stream.isNews(session.id())).toList();
        return now.isEmpty() && news.isEmpty()
                ? stream.announceWaiting()
                : ofAll(
                        realm,
                        reason,
                        Stream.concat(now.stream(), news.stream()).toList());
    }

    private Mono<Void> ofAll(String realm, RevocationReason reason, List<EndedSession> sessions) {
        sessions.forEach(session -> kept.add(session.id(), reason));
        return sessions.isEmpty()
                ? Mono.empty()
                : stream.announce(sessions.stream()
                        .map(session -> new Announcement(session.id(), realm, session.lastAccessMillis()))
                        .toList());
    }
}
