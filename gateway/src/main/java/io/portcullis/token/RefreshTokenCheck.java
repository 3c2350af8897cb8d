package io.portcullis.token;

/** What verifying a presented refresh token gave, before any store was asked. */
public sealed interface RefreshTokenCheck {

    /**
     * We signed it and it has not expired. Whether it is the newest of its session is the store's to say.
     *
     * @param token what it says
     */
    record Verified(RefreshToken token) implements RefreshTokenCheck {}

    /** It is not worth a question to the store. The client is not told which it was. */
    enum Rejected implements RefreshTokenCheck {
        /** Not one of our tokens: another shape, another header, an unknown key. */
        MALFORMED,
        /** Our header, but the signature does not hold. */
        FORGED,
        /** Ours, and its {@code exp} is over. */
        EXPIRED,
        /** Ours, and the session that it names is of another subject or realm. */
        MISMATCHED
    }
}
