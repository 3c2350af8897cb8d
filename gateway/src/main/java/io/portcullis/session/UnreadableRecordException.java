package io.portcullis.session;

/**
 * The store answers, and one session's record is of no use to this version of the gateway. To that session's client it is as
 * if the store were away; the other sessions do not notice.
 */
public final class UnreadableRecordException extends StoreUnavailableException {
    private static final long serialVersionUID = 1L;

    public UnreadableRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
