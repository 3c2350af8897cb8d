package io.portcullis.edge;

import io.portcullis.operations.RefreshResult;

/** What came of a token that only the backends can judge. */
sealed interface Adoption {

    /** It names a session, in which the store is to decide about it. */
    record Rotatable(PresentedToken token) implements Adoption {}

    /**
     * It does not.
     *
     * @param result as the operator counts it
     */
    record Ended(RefreshOutcome outcome, RefreshResult result) implements Adoption {}
}
