package io.portcullis.redis;

import io.portcullis.session.RevokedSession;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Tells all replicas which sessions were revoked. A session is known to this replica before it is announced. What could not
 * be announced waits here and goes out with the next announcement: none of them is answered before those that were to go out
 * earlier. Where there is no room for more to wait, a session is neither known nor announced, and whoever asked is told so.
 */
public final class RevocationStream {
    private static final Logger log = LoggerFactory.getLogger(RevocationStream.class);
    private static final Script ANNOUNCE = Script.load(ReturnType.VALUE, "announce_revocations");
    /** One script's share, so that Redis is not held up. */
    private static final int SESSIONS_AT_ONCE = 500;

    /** However few are kept: those of all calls that are under way at the same time. */
    private static final int ROOM_AT_LEAST = 10_000;

    /**
     * A session that was revoked.
     *
     * @param lastAccessMillis when its last access token expires; 0 where that is not known
     */
    record Announcement(SessionId id, String realm, long lastAccessMillis) {}

    private final ScriptRunner scripts;
    private final RedisKeys keys;
    private final RevokedSessions revoked;
    private final Duration accessTokensLive;
    private final int bound;
    private final InstantSource clock;
    private final Map<SessionId, Announcement> waiting = new ConcurrentHashMap<>();

    /**
     * The announcing side.
     *
     * @param keyPrefix the start of every key's name
     * @param accessTokensLive the longest life of an access token of any realm, and by how much clocks may differ
     * @param bound how many announcements are kept, and may wait; at least 10,000 may
     */
    public RevocationStream(
            ScriptRunner scripts,
            String keyPrefix,
            RevokedSessions revoked,
            Duration accessTokensLive,
            int bound,
            InstantSource clock) {
        this.scripts = scripts;
        this.keys = new RedisKeys(keyPrefix);
        this.revoked = revoked;
        this.accessTokensLive = accessTokensLive;
        this.bound = bound;
        this.clock = clock;
    }

    /**
     * Completes once all replicas can read of these sessions, and of those that are waiting; errors only with
     * {@link StoreUnavailableException}.
     */
    Mono<Void> announce(List<Announcement> sessions) {
        return Mono.defer(() -> {
            List<Announcement> withoutRoom = hold(sessions);
            return withoutRoom.isEmpty() ? announceWaiting() : announceWaiting().then(announce(withoutRoom));
        });
    }

    /** Announces sessions that were announced before: Redis has lost that. Those that wait go out anyway. */
    Mono<Void> announceAgain(List<RevokedSession> sessions) {
        return announce(sessions.stream()
                .filter(session -> !waiting.containsKey(session.id()))
                .map(session -> new Announcement(
                        session.id(), session.realm(), session.until().toEpochMilli()))
                .toList());
    }

    /** Announces a session that was revoked some time ago, unless this replica knows that it was announced. */
    Mono<Void> announceIfNews(Announcement session) {
        return Mono.defer(() -> isNews(session.id()) ? announce(List.of(session)) : Mono.empty());
    }

    /** Whether this replica does not know that the session was revoked and announced: then nobody may have announced it. */
    boolean isNews(SessionId session) {
        return !knows(session) || waiting.containsKey(session);
    }

    /** Whether this replica knows that the session was revoked, and its access tokens may still live. */
    boolean knows(SessionId session) {
        return revoked.realmOf(session, clock.instant()) != null;
    }

    /** The server that announcements go to: who reads them from another should connect again. */
    String master() {
        return scripts.master();
    }

    /** Redis had lost that the session was revoked, and has it again. */
    void restored(SessionId session) {
        revoked.restored();
        log.warn("Redis had lost that a session was revoked, it was revoked again: sid={}", session.value());
    }

    /** Those for which there is no room. */
    private synchronized List<Announcement> hold(List<Announcement> sessions) {
        List<Announcement> withoutRoom = new ArrayList<>();
        for (Announcement session : sessions) {
            if (waiting.size() < Math.max(bound, ROOM_AT_LEAST)) {
                waiting.put(session.id(), session);
                remember(session);
            } else {
                withoutRoom.add(session);
            }
        }
        return withoutRoom;
    }

    private void remember(Announcement session) {
        Instant now = clock.instant();
        long until = Math.max(now.plus(accessTokensLive).toEpochMilli(), session.lastAccessMillis());
        revoked.add(new RevokedSession(session.id(), session.realm(), Instant.ofEpochMilli(until)), now);
    }

    /** Announces what could not be announced before. */
    Mono<Void> announceWaiting() {
        return Mono.defer(() -> {
            List<Announcement> some =
                    waiting.values().stream().limit(SESSIONS_AT_ONCE).toList();
            return some.isEmpty()
                    ? Mono.empty()
                    : scripts.run(ANNOUNCE, List.of(keys.revocations()), arguments(some))
                            .onErrorMap(
                                    DataAccessException.class,
                                    e -> new StoreUnavailableException("Redis did not announce a revocation", e))
                            .doOnNext(announced -> some.forEach(session -> waiting.remove(session.id(), session)))
                            .then(announceWaiting());
        });
    }

    private List<String> arguments(List<Announcement> sessions) {
        List<String> arguments = new ArrayList<>(2 + 3 * sessions.size());
        arguments.add(Integer.toString(bound));
        arguments.add(Long.toString(accessTokensLive.toMillis()));
        for (Announcement session : sessions) {
            arguments.add(session.id().value());
            arguments.add(session.realm());
            arguments.add(Long.toString(session.lastAccessMillis()));
        }
        return arguments;
    }
}
