package io.portcullis.redis;

import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;

/** What an operator has to know of a connection to Redis that did not come about. */
final class ConnectFailures {
    private ConnectFailures() {}

    /** The message of the root cause; of TLS that of the handshake, since a "Signature does not match." does not say whose. */
    static @Nullable String why(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return cause.getMessage();
            }
        }
        return NestedExceptionUtils.getMostSpecificCause(e).getMessage();
    }
}
