package io.portcullis.operations;

import org.springframework.security.core.AuthenticationException;

/** A password was not looked at, since too many were tried. */
final class TooManyAttemptsException extends AuthenticationException {
    private static final long serialVersionUID = 1;

    private final int retryAfter;

    /** @param retryAfter after how many seconds there may be another, positive */
    TooManyAttemptsException(int retryAfter) {
        super("too many attempts");
        this.retryAfter = retryAfter;
    }

    int retryAfter() {
        return retryAfter;
    }
}
