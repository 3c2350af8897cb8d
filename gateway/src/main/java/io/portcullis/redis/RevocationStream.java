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
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * Tells all replicas which sessions were revoked. A session is known to this replica before it is announced, and what could
 * not be announced goes out with the next announcement: none of them is answered before those that were to go out earlier.
 */
public final class RevocationStream {
    private static final Script ANNOUNCE = Script.load(ReturnType.VALUE, "announce_revocations");
    /** One script's share, so that Redis is not held up. */
    private static final int SESSIONS_AT_ONCE = 500;

    /**
     * A session that was revoked.
     *
     * @param ownExpiryMillis when the access token of its login expires, 0 where that is not later than for others
     */
    record Announcement(SessionId id, String realm, long ownExpiryMillis) {}

    private final ScriptRunner scripts;
    private final String key;
    private final RevokedSessions revoked;
    private final Duration accessTokensLive;
    private final int bound;
    private final InstantSource clock;
    private final Map<SessionId, Announcement> unannounced = new ConcurrentHashMap<>();

    /**
     * The announcing side.
     *
     * @param keyPrefix the start of every key's name
     * @param accessTokensLive the longest life of an access token of any realm, and by how much clocks may differ
     * @param bound how many announcements are kept, and may wait
     */
    public RevocationStream(
            ScriptRunner scripts,
            String keyPrefix,
            RevokedSessions revoked,
            Duration accessTokensLive,
            int bound,
            InstantSource clock) {
        this.scripts = scripts;
        this.key = new RedisKeys(keyPrefix).revocations();
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
            sessions.forEach(this::remember);
            return announceWaiting();
        });
    }

    /** Announces a session that was revoked some time ago, unless this replica knows of it. */
    Mono<Void> announceIfNews(Announcement session) {
        return Mono.defer(() -> isNews(session.id()) ? announce(List.of(session)) : Mono.empty());
    }

    /** Whether this replica does not know that the session was revoked: then nobody may have announced it. */
    boolean isNews(SessionId session) {
        return revoked.realmOf(session, clock.instant()) == null;
    }

    private void remember(Announcement session) {
        Instant now = clock.instant();
        long until = Math.max(now.plus(accessTokensLive).toEpochMilli(), session.ownExpiryMillis());
        revoked.add(new RevokedSession(session.id(), session.realm(), Instant.ofEpochMilli(until)), now);
        hold(session);
    }

    /** Lets a session wait for the next announcement, in case its own is not made. */
    void hold(Announcement session) {
        if (unannounced.size() < bound) {
            unannounced.put(session.id(), session);
        } else {
            revoked.missed();
        }
    }

    /** Announces what could not be announced before. */
    Mono<Void> announceWaiting() {
        return Mono.defer(() -> {
            List<Announcement> some =
                    unannounced.values().stream().limit(SESSIONS_AT_ONCE).toList();
            return some.isEmpty()
                    ? Mono.empty()
                    : scripts.run(ANNOUNCE, List.of(key), arguments(some))
                            .onErrorMap(
                                    DataAccessException.class,
                                    e -> new StoreUnavailableException("Redis did not announce a revocation", e))
                            .doOnNext(announced -> some.forEach(session -> unannounced.remove(session.id(), session)))
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
            arguments.add(Long.toString(session.ownExpiryMillis()));
        }
        return arguments;
    }
}
