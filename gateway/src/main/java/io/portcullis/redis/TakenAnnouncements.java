package io.portcullis.redis;

import io.portcullis.session.RevokedSession;
import io.portcullis.session.RevokedSessions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was announced becomes what this replica knows, and where that is not all, the log says so. Of one thread. */
final class TakenAnnouncements {
    private static final Logger log = LoggerFactory.getLogger(TakenAnnouncements.class);
    private static final Duration TOLD_AGAIN_AFTER = Duration.ofMinutes(1);

    private final RevokedSessions revoked;
    private final UntoldRevocations untold;
    private final int bound;
    private final InstantSource clock;
    private Instant displacementToldAt = Instant.EPOCH;

    /** @param bound how many announcements are kept */
    TakenAnnouncements(RevokedSessions revoked, UntoldRevocations untold, int bound, InstantSource clock) {
        this.revoked = revoked;
        this.untold = untold;
        this.bound = bound;
        this.clock = clock;
    }

    void take(StreamEntry entry) {
        RevokedSession session = entry.session();
        if (session == null) {
            log.warn("A revocation cannot be read, it may be one of a newer gateway");
            return;
        }
        untold.told(session.id());
        if (revoked.add(session, clock.instant()) > 0) {
            displaced();
        }
    }

    /**
     * A full stream may have lost entries that came after the last one we had seen, and that are not over yet.
     *
     * @param first that it has
     * @param last that was seen
     */
    void checkForMissed(StreamEntry first, EntryId last) {
        RevokedSession session = first.session();
        if (first.id().isAfter(last) && (session == null || session.until().isAfter(clock.instant()))) {
            revoked.missed();
            log.warn("Revocations may have been missed: Redis keeps no more than {}", bound);
        }
    }

    private void displaced() {
        Instant now = clock.instant();
        if (now.isAfter(displacementToldAt.plus(TOLD_AGAIN_AFTER))) {
            displacementToldAt = now;
            log.warn(
                    "More sessions are revoked than are remembered ({}): those whose access tokens expire first can be"
                            + " used until then",
                    bound);
        }
    }
}
