package io.portcullis.redis;

import java.util.concurrent.TimeoutException;

/**
 * Redis answered that it cannot say yet whether a token's second use is a reuse, since the replica that exchanged it is not
 * heard of: it is to be asked again.
 */
final class UndecidedException extends NotDoneException {
    private static final long serialVersionUID = 1L;

    UndecidedException() {
        super("whether it is a reuse cannot be said yet", new TimeoutException("of the replica that rotated"));
    }
}
