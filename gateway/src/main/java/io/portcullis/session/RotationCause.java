package io.portcullis.session;

/** Why a rotation was granted. */
public enum RotationCause {
    /** The newest token, for the first time. */
    FIRST_USE,
    /** The same attempt reached the store twice. */
    REPEATED_ATTEMPT,
    /** The successor never reached the client. */
    UNDELIVERED,
    /** The store had lost writes; the token's signature proves that it was issued. */
    HEALED,
    /** The store had lost the session, and is told to open it again for tokens from before a disaster. */
    RECOVERED,
    /** A backend's token, seen for the first time. */
    ADOPTED
}
