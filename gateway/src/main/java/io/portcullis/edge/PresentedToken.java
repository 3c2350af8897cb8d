package io.portcullis.edge;

import io.portcullis.session.AdoptedToken;
import io.portcullis.token.RefreshToken;
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
}
