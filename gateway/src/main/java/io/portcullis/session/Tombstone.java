package io.portcullis.session;

import java.time.Instant;

/**
 * How a session ended before its time.
 *
 * @param reason why
 * @param at when
 * @param presented the generation of the token that was presented then; without one, the session's
 */
public record Tombstone(RevocationReason reason, Instant at, long presented) {}
