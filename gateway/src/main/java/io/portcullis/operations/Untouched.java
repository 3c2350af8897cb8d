package io.portcullis.operations;

import org.slf4j.event.Level;

/** Why an answer of a route that opens sessions passed as it was. */
public enum Untouched {
    /** Not JSON, in a coding that cannot be read, over the limit, or broken. */
    UNREADABLE(Level.DEBUG),
    /** Readable, and without the two tokens. */
    NO_TOKENS(Level.DEBUG),
    /** Its access token cannot be verified: the gateway may have the wrong keys. */
    UNVERIFIED(Level.WARN),
    /** Its claims make a refresh token that no refresh request has room for. */
    TOO_LARGE(Level.WARN),
    /** The store could not record the session. */
    UNAVAILABLE(Level.WARN);

    private final Level level;

    Untouched(Level level) {
        this.level = level;
    }

    Level level() {
        return level;
    }
}
