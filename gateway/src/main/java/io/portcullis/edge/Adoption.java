package io.portcullis.edge;

/** What came of a token that only the backends can judge. */
sealed interface Adoption {

    /** It names a session, in which the store is to decide about it. */
    record Rotatable(PresentedToken token) implements Adoption {}

    /**
     * It does not.
     *
     * @param word the outcome as the operator counts it
     */
    record Ended(RefreshOutcome outcome, String word) implements Adoption {}
}
