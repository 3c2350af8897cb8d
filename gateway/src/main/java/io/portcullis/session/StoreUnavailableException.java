package io.portcullis.session;

/** The store cannot answer: nothing is known about the token that was presented. Becomes a 503, never a 401. */
public class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
