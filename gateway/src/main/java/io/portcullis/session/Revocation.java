package io.portcullis.session;

/** What became of a request to revoke a session. */
public enum Revocation {
    /** It is revoked now. */
    REVOKED,
    /** It was revoked before. */
    ALREADY_REVOKED,
    /** There is no such session in that realm. */
    UNKNOWN
}
