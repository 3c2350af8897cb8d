package io.portcullis.session;

import java.time.Instant;

/** What became of a request to change claims of a subject. */
public sealed interface ClaimsChange {

    /** Its sessions' next access tokens have them, those of sessions opened later as their backend says. */
    record Changed(Instant at) implements ClaimsChange {}

    /** The subject would have too many changed claims, or too long ones; nothing was changed. */
    record TooMany() implements ClaimsChange {}
}
