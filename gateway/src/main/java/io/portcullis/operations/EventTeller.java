package io.portcullis.operations;

import io.portcullis.session.SessionId;
import io.portcullis.session.SubjectHash;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Prints events and hands them to the {@link Outboxes}. One that nobody listens to is not even made. */
record EventTeller(Outboxes outboxes, InstantSource clock) {

    /** @param isSent whether it goes to the outboxes too */
    void tell(Level level, String sentence, boolean isSent, Supplier<SessionEvent> made) {
        if (!isSent && !EventLog.prints(level)) {
            return;
        }
        SessionEvent event = made.get();
        EventLog.print(level, sentence, event);
        if (isSent) {
            outboxes.offer(event);
        }
    }

    SessionEvent event(
            String type,
            String realm,
            @Nullable SubjectHash subject,
            @Nullable SessionId session,
            Map<String, Object> details,
            Supplier<@Nullable InetAddress> client) {
        InetAddress address = client.get();
        return new SessionEvent(
                SessionEvent.newId(),
                clock.instant(),
                type,
                realm,
                subject,
                session,
                details,
                address == null ? null : address.getHostAddress());
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
