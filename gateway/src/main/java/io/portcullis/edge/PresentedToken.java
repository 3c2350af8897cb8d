package io.portcullis.edge;

import io.portcullis.token.RefreshToken;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refresh token that was verified and may be rotated.
 *
 * @param token what it says; of a backend's token what it would say if the gateway had minted it, at generation 0
 * @param adoptUntil until when an adoption must be remembered; null for a token of the gateway's own
 */
record PresentedToken(
        Realm realm, RefreshToken token, @Nullable Instant adoptUntil) {
    boolean isAdopted() {
        return adoptUntil != null;
    }
}
