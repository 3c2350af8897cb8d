package io.portcullis.redis;

import java.util.concurrent.TimeoutException;

/**
 * Nobody can say yet whether a token's second use is a reuse, since the replica that exchanged it has not settled that: Redis is
 * to be asked again.
 */
final class UndecidedException extends NotDoneException {
    private static final long serialVersionUID = 1L;

    UndecidedException() {
        super("whether it is a reuse cannot be said yet", new TimeoutException("of the replica that rotated"));
    }
}
