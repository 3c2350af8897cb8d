package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/**
 * Where sessions are kept and where rotation is decided: atomically, on the store's own clock. Every call may be
 * repeated with the same arguments: opening, rotating and revoking then answer the same, the others say what is so. Answers are values; the one error signal is
 * {@link StoreUnavailableException}.
 */
public interface SessionStore {
    /** How many sessions a list has at most. */
    int LISTED_MAX = 1_000;

    /** How many changed claims a subject has at most in a realm. */
    int CHANGED_CLAIMS_MAX = 32;

    /** How many bytes their names and values have at most, sealed: a token has them all, and must fit into requests. */
    int CHANGED_CLAIMS_BYTES_MAX = 8_192;

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
    Mono<Revocation> revoke(SessionRef session, RevocationReason reason, AttemptId attempt);

    /** Ends the session of that id, whosever it is. */
    Mono<Revocation> revoke(SessionId session, RevocationReason reason, AttemptId attempt);

    /**
     * Ends all sessions that a subject has in its realm by now, or had some time ago.
     *
     * @param policy the realm's
     * @param attempt this request; the last one of a subject is remembered, and ends nothing that was opened after it
     * @param ago how long ago that was asked for: what was opened since is not ended
     * @return those that were known; also those that had ended before
     */
    Mono<EndedSessions> revokeAll(
            SubjectRef subject, RevocationReason reason, RealmPolicy policy, AttemptId attempt, Duration ago);

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

    /**
     * Changes claims in the next access tokens of the sessions that a subject has in its realm by now.
     *
     * @param claims their values, sealed, in JSON, by their names, which need no quoting there
     * @param policy the realm's
     */
    Mono<ClaimsChange> changeClaims(SubjectRef subject, Map<String, String> claims, RealmPolicy policy);

    /** What is known of a session. */
    Mono<SessionLookup> find(SessionId session);

    /**
     * What is known of the sessions of a subject, those that have ended among them as long as their tokens might be
     * presented; all as of one moment.
     *
     * @return the newest first; where there are more than {@value #LISTED_MAX}, revoked ones are left out first
     */
    Mono<List<SessionState>> list(SubjectRef subject);
}
