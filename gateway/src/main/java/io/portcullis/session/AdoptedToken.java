package io.portcullis.session;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a store must know of a backend's refresh token, whose session it has never seen.
 *
 * @param until the time until which it must be remembered that the token was adopted: the token's own expiry
 * @param issuedAt when the backend issued it, of which whole seconds count; null if the token does not say
 */
public record AdoptedToken(Instant until, @Nullable Instant issuedAt) {

    /** Whether it was surely issued after that: not in the same second, and not if it does not say when. */
    boolean isIssuedAfter(Instant ending) {
        return issuedAt != null && issuedAt.getEpochSecond() > ending.getEpochSecond();
    }
}
