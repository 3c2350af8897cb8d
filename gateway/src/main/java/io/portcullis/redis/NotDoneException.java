package io.portcullis.redis;

import io.portcullis.session.StoreUnavailableException;

/** Redis was not asked, or came to it too late: what it was to do is surely not done, and need not be made up for. */
class NotDoneException extends StoreUnavailableException {
    private static final long serialVersionUID = 1L;

    NotDoneException(String message, Throwable cause) {
        super(message, cause);
    }
}
