package io.portcullis.session;

/** What a store knows under a session's id. */
public sealed interface SessionLookup {

    /** There is a record, of a session that is live or has ended. */
    record Found(SessionState session) implements SessionLookup {}

    /** There never was such a session, or its last token expired long ago. */
    record Missing() implements SessionLookup {}
}
