package io.portcullis.session;

import java.time.Instant;

/**
 * What a store must know of a session that it may have lost, so that the session lives again.
 *
 * @param openedAt when the session was opened
 * @param issuedAt when the presented token was issued, of which whole seconds count
 */
public record LostSession(Instant openedAt, Instant issuedAt) {

    /** Whether the token was surely issued after that: not in the same second. */
    boolean isIssuedAfter(Instant ending) {
        return issuedAt.getEpochSecond() > ending.getEpochSecond();
    }
}
