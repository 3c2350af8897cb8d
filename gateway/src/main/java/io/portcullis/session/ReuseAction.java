package io.portcullis.session;

/** What a realm does when a refresh token comes back that was used before (RFC 9700, 4.14.2). */
public enum ReuseAction {
    /** Revokes the session: the published contract. */
    REVOKE,
    /** Shadow mode: says so and answers with the session's newest token. */
    REPORT
}
