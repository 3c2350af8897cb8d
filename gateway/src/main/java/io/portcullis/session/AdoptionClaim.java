package io.portcullis.session;

/** What a store says to somebody who wants to ask the backends about a refresh token of theirs. */
public sealed interface AdoptionClaim {

    /** Nobody else may ask until the claim is completed or given back, or its lease is over. */
    record Claimed() implements AdoptionClaim {}

    /** Somebody else is asking. */
    record Busy() implements AdoptionClaim {}

    /**
     * The backends were asked before and said yes.
     *
     * @param sealed what was kept of it
     */
    record Adopted(String sealed) implements AdoptionClaim {}
}
