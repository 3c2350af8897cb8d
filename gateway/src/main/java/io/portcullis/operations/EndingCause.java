package io.portcullis.operations;

import io.portcullis.session.RevocationReason;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Why sessions ended, and who was there.
 *
 * @param operator who ended them; null if no operator did
 * @param client asked only if an event is made
 */
record EndingCause(RevocationReason reason, @Nullable String operator, Supplier<@Nullable InetAddress> client) {
    static EndingCause of(RevocationReason reason, Supplier<@Nullable InetAddress> client) {
        return new EndingCause(reason, null, client);
    }

    /** What an event says of it, to be added to. */
    Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("reason", EventTeller.word(reason));
        if (operator != null) {
            details.put(SessionEvent.OPERATOR, operator);
        }
        return details;
    }
}
