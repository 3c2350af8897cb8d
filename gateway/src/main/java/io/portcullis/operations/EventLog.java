package io.portcullis.operations;

import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Events as lines of one logger, {@code portcullis.events}: people read the sentence with what follows it, machines the
 * key-value pairs, which have the names of the Elastic Common Schema or are under {@code portcullis}.
 */
final class EventLog {
    private static final Logger log = LoggerFactory.getLogger("portcullis.events");
    private static final Map<String, String> ECS = Map.of("subject", "user.hash", "client", "client.ip");

    private EventLog() {}

    /** Whether an event of that level is printed. */
    static boolean prints(Level level) {
        return log.isEnabledForLevel(level);
    }

    static void print(Level level, String sentence, SessionEvent event) {
        if (!prints(level)) {
            return;
        }
        LoggingEventBuilder line =
                log.atLevel(level).addKeyValue("event.id", event.id()).addKeyValue("event.action", event.type());
        StringBuilder message = new StringBuilder(sentence).append(':');
        for (Map.Entry<String, Object> field : event.fields().entrySet()) {
            line = line.addKeyValue(ECS.getOrDefault(field.getKey(), "portcullis." + field.getKey()), field.getValue());
            message.append(' ').append(field.getKey()).append('=').append(field.getValue());
        }
        line.log(message.toString());
    }
}
