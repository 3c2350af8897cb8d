package io.portcullis.edge;

/** The backend was not asked: its circuit breaker is open, or its bulkhead is full. */
final class BackendHeldBackException extends RuntimeException {
    private final int retryAfter;

    /** @param retryAfter seconds, never 0 */
    BackendHeldBackException(int retryAfter, Throwable cause) {
        super(cause.getMessage(), cause, false, false);
        this.retryAfter = retryAfter;
    }

    int retryAfter() {
        return retryAfter;
    }
}
