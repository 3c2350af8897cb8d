package io.portcullis.session;

/** Why a session ended before its time. */
public enum RevocationReason {
    /** A used refresh token came back. */
    REUSE,
    /** The user logged out. */
    LOGOUT
}
