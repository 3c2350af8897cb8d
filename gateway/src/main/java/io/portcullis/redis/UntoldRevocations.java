package io.portcullis.redis;

import io.portcullis.session.RevokedSession;
import io.portcullis.session.RevokedSessions;
import io.portcullis.session.SessionId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revoked sessions that this replica knows and Redis does not tell of: it lost its data, or another server that never had
 * them answers now. They are announced again, or a replica that starts later would not know them. All replicas that know them
 * do so at the same time, each in an order of its own, and leave out what another was first to announce.
 */
final class UntoldRevocations {
    private static final Logger log = LoggerFactory.getLogger(UntoldRevocations.class);
    private static final int SESSIONS_AT_ONCE = 500;

    private final RevokedSessions revoked;
    private final RevocationStream stream;
    private final InstantSource clock;
    private final Set<SessionId> untold = new HashSet<>();

    UntoldRevocations(RevokedSessions revoked, RevocationStream stream, InstantSource clock) {
        this.revoked = revoked;
        this.stream = stream;
        this.clock = clock;
    }

    /** From now on all that Redis has is read. */
    void begin() {
        untold.clear();
        untold.addAll(revoked.ids(clock.instant()));
    }

    /** Redis tells of that session. */
    void told(SessionId session) {
        untold.remove(session);
    }

    /**
     * Announces again what was not told.
     *
     * @param within how long one announcement may take
     * @param read reads what was announced meanwhile
     */
    void announceAgain(Duration within, Runnable read) {
        if (untold.isEmpty()) {
            return;
        }
        log.warn("Redis has lost {} revocations that are known here: they are announced again", untold.size());
        List<SessionId> order = new ArrayList<>(untold);
        Collections.shuffle(order);
        for (int from = 0; from < order.size(); from += SESSIONS_AT_ONCE) {
            List<RevokedSession> some = order.subList(from, Math.min(order.size(), from + SESSIONS_AT_ONCE)).stream()
                    .filter(untold::contains)
                    .map(id -> revoked.find(id, clock.instant()))
                    .filter(Objects::nonNull)
                    .toList();
            stream.announceAgain(some).block(within);
            read.run();
        }
    }
}
