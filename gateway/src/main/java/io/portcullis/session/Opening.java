package io.portcullis.session;

/**
 * A login to be recorded: the session starts at generation 0.
 *
 * @param session a session id that was never used before
 * @param policy the realm's
 */
public record Opening(SessionRef session, RealmPolicy policy) {}
