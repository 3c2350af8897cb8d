package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Where sessions are kept and where rotation is decided: atomically, on the store's own clock. Every call may be
 * repeated with the same arguments: opening and rotating then answer the same, the others say what is so. Answers are values; the one error signal is
 * {@link StoreUnavailableException}.
 */
public interface SessionStore {

    /** Records a new session and says what its first refresh token, of generation 0, must say. */
    Mono<Successor> open(Opening opening);

    /** Decides by {@link RotationRules} and records the decision. */
    Mono<RotationOutcome> rotate(Rotation rotation);

    /**
     * Notes that the answer to {@code attempt}, which made {@code generation}, did not reach the client. Ignored if
     * something else has happened to the session since.
     *
     * @return whether it was noted
     */
    Mono<Boolean> markUndelivered(SessionRef session, long generation, AttemptId attempt);

    /** Ends a session: its record becomes a tombstone, which lives until the session's last token has expired. */
    Mono<Revocation> revoke(SessionRef session, RevocationReason reason);

    /**
     * Ends all sessions that a subject has in its realm by now.
     *
     * @param policy the realm's
     * @return those that were known
     */
    Mono<List<SessionId>> revokeAll(SubjectRef subject, RealmPolicy policy);

    /**
     * Claims a backend's refresh token for {@code claimant}, who is to ask the backends about it.
     *
     * @param lease after which a claim is over that was neither completed nor given back
     */
    Mono<AdoptionClaim> claimAdoption(TokenHash token, AttemptId claimant, Duration lease);

    /**
     * Keeps what the backends' answer came to; from now on whoever claims the token gets it.
     *
     * @param sealed of no use without the token
     * @param until the token's expiry
     * @return whether it was kept: not if another claimant has the token by now
     */
    Mono<Boolean> completeAdoption(TokenHash token, AttemptId claimant, String sealed, Instant until);

    /**
     * Gives a claim back: whoever presents the token next may ask.
     *
     * @return whether the claim was {@code claimant}'s, and not completed
     */
    Mono<Boolean> giveBackAdoption(TokenHash token, AttemptId claimant);
}
