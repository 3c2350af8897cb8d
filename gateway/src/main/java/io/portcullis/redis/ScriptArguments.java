package io.portcullis.redis;

import io.portcullis.session.AdoptedToken;
import io.portcullis.session.LostSession;
import io.portcullis.session.Opening;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.SessionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a script is told, as its header lists it. */
final class ScriptArguments {
    private ScriptArguments() {}

    /**
     * Of {@code open_session.lua}.
     *
     * @param givenUp when nobody waits for the answer any more, by Redis' clock; 0 is never
     */
    static List<String> of(Opening opening, String givenUp) {
        SessionRef session = opening.session();
        RealmPolicy policy = opening.policy();
        return List.of(
                session.realm(),
                session.id().name(),
                millis(policy.idleLifetime()),
                millis(policy.absoluteLifetime()),
                millis(policy.accessTokenLifetime()),
                millis(opening.accessTokenEnd()),
                Integer.toString(policy.maxSessions()),
                givenUp);
    }

    /**
     * Of {@code rotate_session.lua}.
     *
     * @param givenUp when nobody waits for the answer any more, by Redis' clock; 0 is never
     * @param attempt its id, as Redis has it
     * @param asked of which attempt the script asked before, empty if of none
     * @param known what is known of it, or empty
     */
    static List<String> of(Rotation rotation, String attempt, String givenUp, String asked, String known) {
        SessionRef session = rotation.session();
        RealmPolicy policy = rotation.policy();
        AdoptedToken adopted = rotation.adopted();
        LostSession lost = rotation.lost();
        Instant issuedAt = adopted == null ? lost == null ? null : lost.issuedAt() : adopted.issuedAt();
        return List.of(
                session.realm(),
                session.id().name(),
                Long.toString(rotation.presented()),
                attempt,
                millis(policy.idleLifetime()),
                millis(policy.absoluteLifetime()),
                millis(policy.accessTokenLifetime()),
                millis(policy.reuseGrace()),
                policy.reuseAction().name().toLowerCase(Locale.ROOT),
                millis(adopted == null ? null : adopted.until()),
                millis(issuedAt),
                Integer.toString(policy.maxSessions()),
                givenUp,
                millis(lost == null ? null : lost.openedAt()),
                asked,
                known);
    }

    static String word(RevocationReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    private static String millis(@Nullable Instant time) {
        return time == null ? "0" : Long.toString(time.toEpochMilli());
    }
}
