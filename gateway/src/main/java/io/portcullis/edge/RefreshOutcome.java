package io.portcullis.edge;

import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.session.AttemptId;
import io.portcullis.session.SessionRef;

/** What came of a refresh request that brought a token. */
sealed interface RefreshOutcome {
    /**
     * The client gets new tokens.
     *
     * @param generation that of the new refresh token
     * @param expiresIn the access token's life in seconds
     */
    record Issued(
            SessionRef session,
            AttemptId attempt,
            long generation,
            String accessToken,
            String refreshToken,
            long expiresIn)
            implements RefreshOutcome {
        @Override
        public String toString() {
            return "Issued[" + session + " generation " + generation + "]";
        }
    }

    /** The client gets a 401. */
    record Refused() implements RefreshOutcome {}

    /** There are too many requests of that session: the client gets a 429. */
    record Limited(TooMany by) implements RefreshOutcome {}

    /** The client gets the tokens that the backends gave it. */
    record AnsweredByBackend(Exchanged answer) implements RefreshOutcome {}

    /** The client gets what the backends said. */
    record RefusedByBackend(Refusal answer) implements RefreshOutcome {}

    /** The backends did not say: the client gets a 503. */
    record Undecided() implements RefreshOutcome {}
}
