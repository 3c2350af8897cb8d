package io.portcullis.edge;

import io.portcullis.session.AdoptedToken;
import io.portcullis.session.LostSession;
import io.portcullis.token.RefreshToken;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refresh token that was verified and may be rotated.
 *
 * @param token what it says; of a backend's token what it would say if the gateway had minted it, at generation 0
 * @param adopted null for a token of the gateway's own
 */
record PresentedToken(
        Realm realm, RefreshToken token, @Nullable AdoptedToken adopted) {
    boolean isAdopted() {
        return adopted != null;
    }

    /**
     * With what its session is opened again, should the store have lost it; null where it is not.
     *
     * @param before of tokens that were issued before; null for none
     */
    @Nullable
    LostSession lost(@Nullable Instant before) {
        return adopted == null && before != null && token.issuedAt().isBefore(before)
                ? new LostSession(token.authTime(), token.issuedAt())
                : null;
    }
}
