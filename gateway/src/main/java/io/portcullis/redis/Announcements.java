package io.portcullis.redis;

import io.portcullis.redis.RevocationStream.Announcement;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.SessionId;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a script's answer says of sessions that have ended is announced before anybody gets that answer. */
final class Announcements {
    private static final Script OWN_EXPIRIES = Script.load(ReturnType.MULTI, "own_expiries");
    private static final int RECORDS_AT_ONCE = 100;

    private final ScriptRunner scripts;
    private final RedisKeys keys;
    private final RevocationStream stream;

    Announcements(ScriptRunner scripts, RedisKeys keys, RevocationStream stream) {
        this.scripts = scripts;
        this.keys = keys;
        this.stream = stream;
    }

    /** For an answer of {@code rotate_session.lua} or {@code open_session.lua}. */
    Mono<Void> ofGrant(SessionId session, String realm, ScriptAnswer answer, Instant latest) {
        return switch (answer.word()) {
            case "reused" -> stream.announce(List.of(new Announcement(session, realm, answer.number(5))));
            // whoever revoked it may not have come to announcing it
            case "revoked" -> stream.announceIfNews(new Announcement(session, realm, answer.number(5)));
            default -> answer.isGrant() ? ofAll(realm, answer.successor().ended(), latest) : Mono.empty();
        };
    }

    /** For an answer of {@code revoke_session.lua}. */
    Mono<Void> ofRevocation(SessionId session, String realm, ScriptAnswer answer) {
        return switch (answer.word()) {
            case "unknown" -> Mono.empty();
            case "already" -> stream.isNews(session) ? announce(session, realm, answer) : stream.announceWaiting();
            default -> announce(session, realm, answer);
        };
    }

    private Mono<Void> announce(SessionId session, String realm, ScriptAnswer answer) {
        return stream.announce(List.of(new Announcement(session, realm, answer.number(1))));
    }

    /** For an answer of {@code revoke_subject.lua}. */
    Mono<Void> ofEnded(String realm, EndedSessions ended, Instant latest) {
        // whoever ended the others may not have come to announcing them
        List<SessionId> news = ended.before().stream().filter(stream::isNews).toList();
        return ended.now().isEmpty() && news.isEmpty()
                ? stream.announceWaiting()
                : ofAll(
                        realm,
                        Stream.concat(ended.now().stream(), news.stream()).toList(),
                        latest);
    }

    /**
     * For sessions that a script named without more.
     *
     * @param latest when the last of their access tokens has surely expired
     */
    Mono<Void> ofAll(String realm, List<SessionId> sessions, Instant latest) {
        if (sessions.isEmpty()) {
            return Mono.empty();
        }
        // should their records not be read now: what is not asked for again is announced all the same
        sessions.forEach(id -> stream.hold(new Announcement(id, realm, latest.toEpochMilli())));
        return Flux.fromIterable(sessions)
                .buffer(RECORDS_AT_ONCE)
                .concatMap(some -> ownExpiries(some)
                        .map(expiries -> IntStream.range(0, some.size())
                                .mapToObj(i -> new Announcement(some.get(i), realm, expiries.number(i)))
                                .toList()))
                .collectList()
                .flatMap(parts ->
                        stream.announce(parts.stream().flatMap(List::stream).toList()));
    }

    private Mono<ScriptAnswer> ownExpiries(List<SessionId> sessions) {
        return scripts.run(OWN_EXPIRIES, sessions.stream().map(keys::session).toList(), List.of())
                .onErrorMap(DataAccessException.class, ScriptRunner::failure)
                .map(answer -> new ScriptAnswer((List<?>) answer));
    }
}
