package io.portcullis.soak;

/** Why something that an invariant forbids is no violation of it. Each says what promise it is the limit of. */
enum Excuse {
    /** config/README, "When a connection dies": in a strict realm an answer that has left counts as delivered. */
    THE_ANSWER_HAD_LEFT,
    /** config/README, "What a failover may lose", a login: its refresh token is unknown. */
    THE_LOGIN_WAS_LOST,
    /** As the rotations there: the note that nobody had the answer is a write like any other, and is not repeated. */
    THE_NOTE_OF_AN_UNDELIVERED_ANSWER_WAS_LOST,
    /** The same, a rotation: until its client comes back with a newer token, Redis does not know that the older one was used. */
    THE_ROTATION_WAS_LOST,
    /** The same, a revocation: replicas that have not heard of it do not know until it is written again. */
    THE_REVOCATION_WAS_LOST,
    /** config/README, "Revoked sessions": the other replicas are told over a stream. */
    A_REPLICA_HAD_NOT_HEARD_YET,
    /** The same: a replica that was cut off forwards by what it knew before, until it has read. */
    A_REPLICA_WAS_CUT_OFF
}
