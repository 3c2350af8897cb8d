package io.portcullis.session;

/** Why a session ended before its time. */
public enum RevocationReason {
    /** A used refresh token came back. */
    REUSE,
    /** The user logged out. */
    LOGOUT,
    /** All sessions of its subject ended: the user is gone, suspended, or has a new password. */
    SUBJECT,
    /** An operator ended it. */
    ADMIN,
    /** Another session was opened, and its subject may have only so many. */
    LIMIT,
    /** One that this version of the gateway does not know, or that the store has lost. */
    OTHER
}
