package io.portcullis.edge;

import io.portcullis.session.StoreUnavailableException;
import io.portcullis.token.BackendToken;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What becomes of refresh tokens that only the backends can judge. */
public sealed interface BackendTokens permits BackendAdoption, BackendPassage {

    /** The token as one that the backends may be asked about; null if it is junk. */
    @Nullable
    BackendToken read(String presented);

    /** Asks the backends about the token, unless they were asked; errors only with {@link StoreUnavailableException}. */
    Mono<Adoption> adopt(BackendToken token, ClientRequest request);
}
